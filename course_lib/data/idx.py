"""The IDX format, in which MNIST and its relatives are published: a short header, then bytes.

Source: LeCun, Cortes & Burges, The MNIST database, section "File formats".
Nothing a file says about its own size is believed before it has been counted.
"""

import gzip
import io
import math
import struct
import zlib

import numpy as np


def unpack_gzip(packed: bytes, limit: int) -> bytes:
    """Return what a gzip file holds, if that is at most limit bytes.

    Raises:
        ValueError: if it is truncated, damaged, longer than limit, or no gzip file.
    """
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
            data = file.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"it does not unpack ({error})") from error
    if len(data) > limit:
        raise ValueError(f"it holds more than {limit} bytes")
    return data


def parse_idx(data: bytes) -> np.ndarray:
    """Return the numbers of an IDX file as uint8, in the shape its header gives (1 to 3 axes).

    The header is 0, 0, 8 (for unsigned bytes), the number of axes, and each length as a big-endian
    32-bit integer. The array is a read-only view of data.

    Raises:
        ValueError: if the header is anything else, or does not fit what follows it.
    """
    n_axes = data[3] if len(data) > 3 and data[:3] == b"\0\0\x08" else 0
    start = 4 + 4 * n_axes
    if not 1 <= n_axes <= 3 or len(data) < start:
        raise ValueError("it does not begin like an IDX file of bytes")
    shape = struct.unpack_from(f">{n_axes}I", data, 4)
    if len(data) - start != math.prod(shape) or 0 in shape:
        raise ValueError(f"its header promises {shape} numbers, but {len(data) - start} follow")
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)
