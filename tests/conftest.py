"""What all tests share."""

import os
import sys

import pytest

os.environ["COURSE_DEVICE"] = "cpu"  # the notebooks, not these tests, run on whatever is there
os.environ.pop("COURSE_REQUIRE_CUDA", None)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Let PyTorch use one thread: tensors this small only wait when several share them."""
    torch = sys.modules.get("torch")  # a file that does without PyTorch need not load it
    before = torch.get_num_threads() if torch else 0
    if torch:
        torch.set_num_threads(1)
    yield
    if torch:
        torch.set_num_threads(before)
