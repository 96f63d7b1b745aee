"""The digits are all there, each in one split, and a stream deals them fairly."""

import hashlib
import os
import subprocess
import sys
from itertools import islice

import pytest
import torch
from sklearn.datasets import load_digits

from course_lib.data import LOADERS, Batch, check_range, load, stream

SPLITS = ("train", "validation", "test")
PICTURES = [name for name in LOADERS if name not in ("ring", "grid", "moons")]
PINNED = {
    "train": "5c9f8a459550341fe20ed557f6d142697be665b0e018a0f9722f88fefd8d3f45",
    "validation": "b4266a115d09a04899458c2b141a7afb9ca3547ed0dd90c8d90b58f58e220263",
    "test": "77d1c7b9455e661f159c5ba512562617231bd27407c1c8a4e87e048859b11ac9",
}


@pytest.fixture(scope="module")
def digits():
    return load("digits", device="cpu")


def tagged(n):
    """Make a split whose pictures are their own numbers, 0 to n - 1."""
    numbers = torch.arange(n)
    return Batch(numbers.float().reshape(n, 1, 1, 1), numbers)


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(
        ValueError, match="'cats': choose one of digits, ring, grid, moons, fashion, catalog"
    ):
        load("cats")


@pytest.mark.parametrize("name", PICTURES)
def test_every_set_of_pictures_has_one_face(name):
    if name == "fashion" and not os.environ.get("COURSE_DATA_DIR"):
        pytest.skip("COURSE_DATA_DIR does not say where the photographs are")
    data = load(name, device="cpu")
    assert data.name == name
    for split in SPLITS:
        x, label = getattr(data, split)
        assert x.ndim == 4 and x.shape[1] in (1, 3) and x.shape[2] == x.shape[3]
        assert x.dtype == torch.float32 and label.dtype == torch.int64
        assert -1 <= x.min() < -0.9 and 0.9 < x.max() <= 1
        assert label.shape == (len(x),)
        assert set(label.tolist()) == set(range(len(data.label_names)))


def test_asking_for_one_set_loads_no_file_of_another():
    code = "import sys; from course_lib.data import load; load('ring', 'cpu'); print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(out.stdout.split())
    assert "course_lib.data.points" in loaded
    assert not loaded & {"course_lib.data.fashion", "course_lib.data.digits", "sklearn", "pooch"}


def test_the_splits_of_the_digits_share_them_out(digits):
    assert [len(getattr(digits, split).x) for split in SPLITS] == [1097, 350, 350]


def test_every_digit_is_in_exactly_one_split_with_its_label(digits):
    pixels, labels = load_digits(return_X_y=True)
    all_x = torch.cat([getattr(digits, split).x for split in SPLITS]).flatten(1)
    all_labels = torch.cat([getattr(digits, split).label for split in SPLITS])
    ours = sorted(zip(((all_x + 1) * 8).tolist(), all_labels.tolist(), strict=True))
    assert ours == sorted(zip(pixels.tolist(), labels.tolist(), strict=True))


@pytest.mark.parametrize("split", SPLITS)
def test_the_splits_never_change(digits, split):
    x, label = getattr(digits, split)
    digest = hashlib.sha256(x.numpy().tobytes() + label.numpy().tobytes()).hexdigest()
    assert digest == PINNED[split]


def test_a_stream_with_the_same_seed_deals_in_the_same_order():
    orders = [
        torch.cat([batch.label for batch in islice(stream(tagged(50), 8, seed), 20)])
        for seed in (1, 1, 2)
    ]
    torch.testing.assert_close(orders[0], orders[1])
    assert not torch.equal(orders[0], orders[2])


def test_each_pass_visits_each_picture_at_most_once_and_never_in_a_ragged_batch():
    batches = stream(tagged(50), 8, seed=0)
    passes = []
    for _ in range(3):
        one_pass = list(islice(batches, 50 // 8))
        assert all(batch.x.shape == (8, 1, 1, 1) for batch in one_pass)
        passes.append(torch.cat([batch.label for batch in one_pass]).tolist())
        assert len(set(passes[-1])) == 48
    assert passes[0] != passes[1] != passes[2]  # shuffled anew


def test_a_stream_keeps_pictures_and_labels_together():
    for x, label in islice(stream(tagged(20), 6, seed=3), 10):
        torch.testing.assert_close(x.flatten(), label.float())


@pytest.mark.parametrize("batch_size", [0, -1, 51])
def test_a_batch_size_that_cannot_be_dealt_is_refused(batch_size):
    with pytest.raises(ValueError, match=f"between 1 and 50, .* got {batch_size}$"):
        next(stream(tagged(50), batch_size, seed=0))


def test_a_batch_may_be_the_whole_split():
    assert sorted(next(stream(tagged(50), 50, seed=0)).label.tolist()) == list(range(50))


def test_check_range_returns_what_it_was_given():
    x = torch.tensor([-1.0, 0.0, 1.0])
    assert check_range(x) is x


@pytest.mark.parametrize("bad", [1.5, -1.01, float("nan"), float("inf"), 255.0])
def test_check_range_refuses_what_no_picture_may_hold(bad):
    with pytest.raises(ValueError, match=r"fakes must lie in \[-1, 1\], got .*2 \* p - 1"):
        check_range(torch.tensor([0.0, bad]), "fakes")
