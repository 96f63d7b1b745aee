"""Whatever happens to an IDX file, its reader gives what stands there or one clear sentence."""

import gzip
import math
import random
import re
import struct

import numpy as np
import pytest

from course_lib.data.idx import parse_idx, unpack_gzip


def idx(numbers):
    header = struct.pack(f">4B{numbers.ndim}I", 0, 0, 8, numbers.ndim, *numbers.shape)
    return header + numbers.tobytes()


def test_damage_by_chance_is_always_one_sentence_and_never_a_large_allocation():
    rng = random.Random(0)
    good = [idx(np.arange(24, dtype=np.uint8).reshape(shape)) for shape in ((24,), (2, 3, 4))]
    for turn in range(3000):
        data = bytearray(good[turn % 2])
        for _ in range(rng.randint(1, 4)):
            data[rng.randrange(len(data) if turn % 3 else 16)] = rng.choice(
                (0, 1, 3, 255, turn % 256)
            )
        data = bytes(data[: rng.randint(0, len(data))] if turn % 5 == 0 else data)
        try:
            numbers = parse_idx(data)
        except ValueError as error:
            assert str(error).startswith("it"), error  # our sentence, not NumPy's
        else:
            assert 1 <= numbers.ndim <= 3 and numbers.size == math.prod(numbers.shape) > 0
            assert idx(numbers) == data  # nothing was read that does not stand there


def test_gzip_damaged_by_chance_is_one_sentence_or_unharmed():
    rng = random.Random(1)
    data = idx(np.arange(240, dtype=np.uint8))
    packed = gzip.compress(data, mtime=0)
    for turn in range(2000):
        spoilt = bytearray(packed)
        spoilt[rng.randrange(len(packed))] ^= 1 << rng.randrange(8)
        spoilt = bytes(spoilt[: rng.randint(0, len(packed))] if turn % 2 else spoilt)
        try:
            assert unpack_gzip(spoilt, limit=len(data)) in (data, b"")
        except ValueError as error:
            assert str(error).startswith("it "), error


@pytest.mark.parametrize("lengths", [(2**32 - 1,) * 3, (0, 2**32 - 1, 2**32 - 1), (0,)])
def test_a_header_that_promises_the_moon_or_nothing_is_refused_unread(lengths):
    header = struct.pack(f">4B{len(lengths)}I", 0, 0, 8, len(lengths), *lengths)
    sentence = ""
    try:
        parse_idx(header)
    except ValueError as error:
        sentence = str(error)
    assert re.fullmatch(r"its header promises \(.*\) numbers, but 0 follow", sentence)
