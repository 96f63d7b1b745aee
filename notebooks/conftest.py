"""Six small repairs to nbval, so that a failing notebook says quickly and clearly what failed.

pytest reads this file whenever it is asked for a notebook. Without nbval it does nothing.
tests/test_nbval_gate.py shows each repair at work.
"""

import time
from importlib.util import find_spec
from queue import Empty

import pytest

WIDGET = "application/vnd.jupyter.widget-view+json"
NEEDS = {"04d_vae_molecules.ipynb": ("rdkit", "selfies")}  # what not every learner has installed
OUTPUT_WAIT = 60  # seconds for a finished cell's output to arrive; nbval has a fixed 5 (its #231)


class KernelDied(Exception):
    """The kernel's process ended while a cell was running."""


def pytest_configure(config):
    """Repair nbval's classes, once, when nbval is there and asked for."""
    if not (config.getoption("nbval", False) or config.getoption("nbval_lax", False)):
        return
    from nbval.kernel import RunningKernel
    from nbval.plugin import IPyNbCell

    RunningKernel.get_message = watch_while_waiting(RunningKernel.get_message)
    RunningKernel.execute_cell_input = execute_with_history
    IPyNbCell.compare_outputs = leave_out_widgets(IPyNbCell.compare_outputs)


def watch_while_waiting(get_message):
    """Ask every second whether the kernel lives: nbval alone waits for the cell's time-out."""

    def get_message_while_alive(self, stream, timeout=None):
        end = float("inf") if timeout is None else time.monotonic() + timeout
        while True:
            left = max(0.0, end - time.monotonic())
            try:
                return get_message(self, stream, timeout=min(1.0, left))
            except Empty:
                if not self.is_alive():
                    raise KernelDied from None
                if left <= 1.0:
                    raise

    return get_message_while_alive


def execute_with_history(self, cell_input, allow_stdin=None):
    """Run a cell as a notebook does: without history, a closing `;` is ignored (nbval #194)."""
    return self.kc.execute(
        cell_input, store_history=True, allow_stdin=allow_stdin, stop_on_error=False
    )


def leave_out_widgets(compare_outputs):
    """Compare what a cell prints, not its progress bars and sliders, which are never stored."""

    def compare_outputs_without_widgets(self, test, ref, skip_compare=None):
        test, ref = ([o for o in outs if WIDGET not in o.get("data", {})] for outs in (test, ref))
        return compare_outputs(self, test, ref, skip_compare)

    return compare_outputs_without_widgets


def is_cell(item):
    """Tell a notebook's cell from any other test."""
    return hasattr(item, "cell_num")


def pytest_collectstart(collector):
    """Leave out stderr: warnings differ between systems."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("stderr",)


def pytest_itemcollected(item):
    """Wait longer for outputs: a large figure on a busy machine is no failure.

    A notebook whose libraries are missing is skipped: it would only say that they are.
    """
    if is_cell(item):
        item.output_timeout = OUTPUT_WAIT
        missing = [name for name in NEEDS.get(item.path.name, ()) if find_spec(name) is None]
        if missing:
            item.add_marker(pytest.mark.skip(reason=f"needs {' and '.join(missing)}: [molecules]"))


def pytest_runtest_setup(item):
    """Skip the cells after a failed one: they could only repeat its failure."""
    broken = getattr(item.parent, "broken_cell", None)
    if is_cell(item) and broken is not None:
        pytest.skip(f"cell {broken} of this notebook failed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """Say which cell the kernel died in, and show its code."""
    try:
        return (yield)
    except KernelDied:
        from nbval.plugin import NbCellError

        message = "The kernel died while running this cell (out of memory?)"
        raise NbCellError(item.cell_num, message, item.cell.source) from None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Remember the first cell that failed."""
    report = yield
    if report.failed and is_cell(item) and not hasattr(item.parent, "broken_cell"):
        item.parent.broken_cell = item.cell_num
    return report
