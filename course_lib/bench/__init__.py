"""The course's models beside what a learner would otherwise pick, at the same price.

    contenders   ours and the peers behind one face: train, draw
    peers        the peers themselves
    costs        processor seconds, operations, memory
    growth       how the cost of a picture grows with its side, the batch and their number
    measure      one family: quality at a price, speed, growth
    figures      drawn from the stored numbers
    page         docs/benchmarks.md, written from them

The price is processor seconds, those of all threads together, so that a busy machine or another
number of threads changes little. Ratios within one run are the claims, never the seconds.
"""

from course_lib.bench.measure import measure_family
from course_lib.bench.page import FAMILIES, claims, table, write_page

__all__ = ["FAMILIES", "claims", "measure_family", "table", "write_page"]
