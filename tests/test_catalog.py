"""The catalog is the same everywhere, means what its names say, and keeps its secrets."""

import hashlib

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from course_lib.data.catalog import SPLITS, split_factors
from course_lib.data.catalog_factors import Factors, sample_factors, select
from course_lib.data.catalog_paint import MAIN, TILT_DEGREES, render
from course_lib.data.catalog_pairs import low_resolution, object_mask
from course_lib.data.catalog_words import COLOURS, KINDS, PATTERNS, TILTS, VOCABULARY

PINNED = {
    "train": "41e1bbc8925a1a9b4772cb8df6384fdc9e5b440a75a1e199c104dffffcb935e3",
    "validation": "7839780e6e68345ea21f93e9ff131d2353d180b51271e638775b0d77599e8097",
    "test": "dd56dced79d4c1f6199feee5b1717c63f500183c57ac4ae351f6be9ae217ab0e",
    "held_out": "9ebf5ff426faf6f46b1351f4f8505ebd319d711c927d049bcbefcb585300e00c",
}
# Twenty pictures as means over 8x8 pixels, 4x4 a channel: one byte each, 0 to 255.
REFERENCE = [
    "ded9dee3e1eaded0e2ffe9c9ded9dae1d3c8d0d8d0c5bfbcd2e1cdb3d1c7c9d5dfc0d3e8c03b5aa7c4636d98d9aabbe3",
    "efe7d2d7ec9d94cceaae96d0efe3d2d6eae2cdd2e79b92c8e5ab94cceadeced2dfd7c4c8dc998fbfdba691c2dfd4c5c7",
    "dbd4d4d2d99a97c8d2bab6d0dbd8bdd1ccc6c6c3cb9692bac4afabc2ccc9b1c2d1cbcbc8cf9592bfc9b3b1c7d1ceb7c7",
    "e8e0dad3e8e6ded2e8c4ced1e8cbd8d3dad2cdc6dacfc6c5daafbec4dab8cbc6dccdccc7db8776c6db8ea4c5dba1cbc7",
    "cbc3cfe3cbbacee3cbb2c7e3cbc1cce3c0b4c1d7c0a3bfd7c095b4d7c0afbdd7ccc7d2e4ccc2cfe4ccbecbe4ccc6d0e4",
    "e6ded3c9e6f3e5c9e6c4cdc8e6c7d0c9f4e2ddd5f2c8b0d5f3afc6d3f4bbdad5e5cecec8e1997ac8e391b0c6e5a2cbc8",
    "caccced0ca6f78b9ca9e90aacac0c2d0d4d6d8dad4878ec5d4afa1b7d4cbcddac7c9caccc7adacc0c7c5b8b7c7c0c2cc",
    "d5cdd3d1d5c7b9c0d5d9c7ccd5ccc1d1dacad8d7da877ab5da986ccedacbb7d7cbbdc9c7cb8277a9cb936ac0cbbcabc7",
    "dfdfded9dfe7efd7dfc5ced6dfd4d5d9d0cfcccbd0cacfc8cfacbac7d0c3c5cbd4cdbbcfd46f58cbd489a0c9d4bfc3cf",
    "c2c5c9ccc3d7d9ccc1dfddc9c2c5c5cccaced1d4c9babcd2c9c2c1d1cac5c5d4d1d4d8dbc74a4bd2cf4d4ed6d1b4b3db",
    "ded7cec8de9a88c3de988dc2dec0b2c6ddd5ccc7dd9887c2dd968bc0ddbfb1c5d0c9c0bbd09787b7d0928ab5d0b6a9b9",
    "e1ab99bddf8374b7be8984bfd5b8a2c0d28e7fafcf4738a99d5652b2c3a185b3d4b29fb3d3a99baec6a6a0b5cdb8a9b5",
    "edd6d4d5ebbab8d5ebadc7d4edd1cfd5e9cbccd2e7989cd2e89cbfd0e9c9c9d2f8e5e1e0f7c9c7e0f7bfd3def8dedce0",
    "c5becfd4c5a799c8bfb598bac5c5c7d4c7bcd0d6c6877ec6bd997eb5c7c6c8d6b9b6c3c8b9b5a5c0b6bda4b5b9babcc7",
    "dbd9dcdddbc3d8dddbdfd3d1dbcbccdbdad4dbdcd97cd2dcdaa47bc1dabcc2d9e8e3eaeae77edfeae8a97bcee8c9cfe8",
    "d3cfcbc5d4ecebc5d4cfcdc6d3c9c3c3d7cecac9d6b49fc5d28084b8d7c6bdc5e3dbd7d4e2ccbdd1dfa2a1c8e3d3cbd0",
    "dcd8d0d2dcc0b2d0d16491d3cf9581d3e0dcd5d6e0ccbfd5dbaebbd7d8baaed7d1cdc6c8d1b9acc6c87294c9c69787c8",
    "ebaebfe1ebb6c3e1d098b9e0debcace0e999b3dfe88eb3dfc3629cded9b098dedcb4bcd2dcc9c2d2cbb9c4d2d3bab0d2",
    "d4e0e6e0dbe6fddbcbccd0dfd1d5c9dac8c6bccfc4a9c2c7aa9691bdc4c7aacac6b49bcab67188be93695aa4c2c597c5",
    "dacfe0e3d1e4dfe3daecf5dbdad4c6dccaabd0d3b46fc4d1cb8e7a92cba78fc8d0bbd6d9c0a2cfd8d1b6afb2d1baa7cf",
]


def some_of_each_kind(n, **named):
    """Draw n pictures of each kind by chance, with the named factors set to one value."""
    factors = sample_factors(n * len(KINDS), seed=8)
    named = {name: torch.full_like(factors.kind, value) for name, value in named.items()}
    return factors._replace(**{"kind": torch.arange(len(KINDS)).repeat(n), **named})


@pytest.mark.parametrize("split", SPLITS)
def test_the_factors_never_change(split):
    tensors = [factor.contiguous().numpy().tobytes() for factor in split_factors(split)]
    assert hashlib.sha256(b"".join(tensors)).hexdigest() == PINNED[split]


def test_the_pictures_stay_as_they_were():
    means = low_resolution(render(sample_factors(20, seed=0)), 4).flatten(1)
    stored = torch.tensor([list(bytes.fromhex(line)) for line in REFERENCE])
    torch.testing.assert_close(means, stored / 127.5 - 1, atol=2e-2, rtol=0)


def test_factors_keep_their_ranges_and_use_them():
    factors = sample_factors(5_000, seed=0)
    for factor, names in zip(factors[:5], VOCABULARY, strict=True):
        assert factor.dtype == torch.int64
        share = torch.bincount(factor, minlength=len(names)) / 5_000
        assert len(share) == len(names)
        assert ((share * len(names) - 1).abs() < 0.2).all()  # equally often
    for name in Factors._fields[5:]:
        factor, low = getattr(factors, name), 0 if name in ("phase", "background") else -1
        assert factor.dtype == torch.float32
        assert low <= factor.min() < low + 0.01 and 0.99 < factor.max() < 1


def test_a_picture_does_not_depend_on_its_neighbours():
    factors = sample_factors(300, seed=1)
    x = render(factors)
    order = torch.randperm(300, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(render(select(factors, order)), x[order])
    torch.testing.assert_close(render(sample_factors(7, seed=1)), x[:7])
    assert torch.equal(render(factors), x)
    assert not torch.equal(sample_factors(7, seed=2).lean, factors.lean[:7])


class NoDouble(TorchDispatchMode):
    """Refuse float64, which some devices lack."""

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        assert not (isinstance(out, torch.Tensor) and out.dtype == torch.float64), function
        return out


def test_pictures_are_float32_in_range_and_made_without_float64():
    factors = sample_factors(200, seed=3)
    with NoDouble():
        x = render(factors)
    assert x.shape == (200, 3, 32, 32) and x.dtype == torch.float32
    assert x.min() >= -1 and x.max() <= 1
    assert render(select(factors, slice(0, 0))).shape == (0, 3, 32, 32)


def test_drawing_gives_the_threads_back():
    before = torch.get_num_threads()
    render(sample_factors(20, seed=0))
    assert torch.get_num_threads() == before


def test_a_thing_lies_inside_its_picture_and_large_means_larger():
    factors = sample_factors(4_000, seed=4)
    mask = object_mask(factors)[:, 0]
    border = torch.ones(32, 32, dtype=torch.bool)
    border[1:-1, 1:-1] = False
    assert mask[:, border].max() < 0.5
    area = mask.sum((1, 2))
    for kind in range(len(KINDS)):
        small, large = (area[(factors.kind == kind) & (factors.size == s)] for s in (0, 1))
        assert small.max() < 0.9 * large.min(), KINDS[kind]


@pytest.mark.parametrize("kind", ["bottle", "trousers"])
def test_tall_things_lean_by_the_angle_that_their_tilt_names(kind):
    place = torch.arange(32) - 15.5
    for tilt, (low, high) in enumerate(TILT_DEGREES):  # the first is to the left
        factors = some_of_each_kind(10, kind=KINDS.index(kind), tilt=tilt)
        share = object_mask(factors)[:, 0]
        share = share / share.sum((1, 2), keepdim=True)
        right = place - (share * place).sum((1, 2), keepdim=True)
        up = -place[:, None] - (share * -place[:, None]).sum((1, 2), keepdim=True)
        xx, xy, yy = ((share * m).sum((1, 2)) for m in (right**2, right * up, up**2))
        leftwards = torch.rad2deg(torch.atan2(-2 * xy, yy - xx)) / 2  # of the longest axis
        assert low - 2 < leftwards.min() and leftwards.max() < high + 2, TILTS[tilt]


def test_a_plain_thing_has_the_colour_it_is_said_to_have():
    palette = torch.tensor(MAIN)
    for colour, name in enumerate(COLOURS):
        factors = some_of_each_kind(4, colour=colour, pattern=0)
        x = (render(factors) + 1) / 2
        nearest = torch.cdist(x.flatten(2).transpose(1, 2), palette.expand(len(x), -1, -1)).argmin(
            2
        )
        inside = object_mask(factors).flatten(1) == 1
        for row, thing in zip(nearest, inside, strict=True):
            assert row[thing].mode().values == colour, name


def test_the_mean_over_phases_has_lost_its_stripes():
    one = select(sample_factors(400, seed=0), torch.zeros(400, dtype=torch.int64))
    phase = sample_factors(400, seed=1).phase
    named = {"kind": KINDS.index("mug"), "pattern": PATTERNS.index("striped"), "size": 1}
    named = {name: torch.full_like(one.kind, value) for name, value in named.items()}
    x = render(one._replace(phase=phase, **named))[:, :, 12:20, 10:18]  # on the cloth
    assert x.mean(0).std((1, 2)).max() < 0.25 * x.std((2, 3)).amin(0).max()
