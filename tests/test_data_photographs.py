"""The real photographs, where COURSE_DATA_DIR says that they are on this machine."""

import hashlib
import math
import os

import pytest
import torch

from course_lib.data.fashion import photographs


@pytest.fixture(scope="module")
def real():
    if not os.environ.get("COURSE_DATA_DIR"):
        pytest.skip("COURSE_DATA_DIR does not say where the photographs are")
    return photographs("cpu")


def test_where_course_data_dir_is_set_the_photographs_are_had(real):
    assert real is not None
    assert [len(s.x) for s in (real.train, real.validation, real.test)] == [55_000, 5_000, 10_000]


def test_every_kind_of_clothing_is_in_every_split_as_published(real):
    for split, n in ((real.train, 55_000), (real.validation, 5_000), (real.test, 10_000)):
        counts = torch.bincount(split.label, minlength=10)
        assert (counts - n / 10).abs().max() < 4 * math.sqrt(n * 0.09)
    both = torch.cat([real.train.label, real.validation.label])
    assert torch.bincount(both).tolist() == [6000] * 10
    assert torch.bincount(real.test.label).tolist() == [1000] * 10


def test_the_photographs_stand_upright_in_black_and_the_split_never_changes(real):
    assert real.train.x.shape == (55_000, 1, 32, 32) and real.train.x.dtype == torch.float32
    for split in (real.validation, real.test):
        assert (split.x[:, :, :2] == -1).all() and (split.x[:, :, :, -2:] == -1).all()
        assert split.x.min() == -1 and split.x.max() == 1
    boots = real.train.x[real.train.label == 9].mean(dim=0)[0]
    assert boots[20:].mean() > boots[:12].mean()  # the sole is below
    assert real.test.label[:8].tolist() == [9, 2, 1, 1, 6, 1, 4, 6]
    digest = hashlib.sha256(real.validation.label.numpy().tobytes()).hexdigest()
    assert digest[:16] == "d624982a71ed287f"
