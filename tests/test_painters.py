"""Trained generators paint what is asked, the same for the same seed, however many at a time."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from course_lib.__main__ import main
from course_lib.data.catalog import SPLITS
from course_lib.painters import BLOCK, load_painter, noise_shape, paint, paint_from, paint_path
from course_lib.recipes.pictures import JOBS
from course_lib.runtime import noise

DIGITS = [(family, "digits") for family in JOBS]


@pytest.fixture(autouse=True, scope="module")
def few_products():
    with pytest.MonkeyPatch.context() as patch:
        few = {split: (128, seed) for split, (_, seed) in SPLITS.items()}
        patch.setattr("course_lib.data.catalog.SPLITS", few)
        yield


@pytest.fixture(scope="module")
def weights(tmp_path_factory, few_products):
    """Train each family for three steps; return the file of each."""
    folder, found = tmp_path_factory.mktemp("painters"), {}
    for family, data in [*DIGITS, ("diffusion", "catalog"), ("gan", "catalog")]:
        out = folder / f"{family}-{data}"
        words = ["train", family, "--data", data, "--steps", "3" if data == "digits" else "1"]
        assert main([*words, "--out", str(out)]) == 0
        found[family, data] = out / "weights.safetensors"
    return found


@pytest.mark.parametrize("family", JOBS)
def test_the_first_pictures_are_the_same_however_many_are_painted(family, weights):
    painter = load_painter(family, "digits", weights[family, "digits"])
    many = paint(painter, BLOCK + 5, seed=1, n_steps=2)
    assert many.shape == (BLOCK + 5, 1, 8, 8) and many.abs().max() <= 1
    few = paint(painter, 3, seed=1, n_steps=2)
    torch.testing.assert_close(few, many[:3], atol=2e-2, rtol=0)  # bfloat16, other block sizes
    assert not torch.allclose(paint(painter, 3, seed=2, n_steps=2), few, atol=2e-2)
    assert not torch.allclose(many[:5], many[BLOCK:], atol=2e-2)


@pytest.mark.parametrize("family", JOBS)
def test_the_same_noise_becomes_the_same_picture_in_other_company(family, weights):
    painter = load_painter(family, "digits", weights[family, "digits"])
    z, wish = noise(4, *noise_shape(painter), seed=2), torch.zeros(4, 1, dtype=torch.int64)
    wish = wish[:, : len(painter.answers)]
    together = paint_from(painter, z, wish, n_steps=2)
    assert together.shape == (4, 1, 8, 8) and together.abs().max() <= 1
    alone = paint_from(painter, z[2:3], wish[2:3], n_steps=2)
    torch.testing.assert_close(alone, together[2:3], atol=2e-2, rtol=0)  # bfloat16


@pytest.mark.parametrize("family", JOBS)
def test_contrast_multiplies_and_clips_so_that_the_nearly_black_turns_black(family, weights):
    painter = load_painter(family, "digits", weights[family, "digits"])
    plain, strong = (paint(painter, 4, n_steps=2, contrast=c) for c in (1.0, 1.5))
    torch.testing.assert_close(strong, (1.5 * plain).clamp(-1, 1), atol=1e-6, rtol=0)
    assert (strong != plain).any()
    with pytest.raises(ValueError, match=r"contrast must be above 0, got -1"):
        paint(painter, 4, contrast=-1)


def test_the_way_from_noise_ends_in_a_picture_and_only_diffusion_has_one(weights):
    painter = load_painter("diffusion", "digits", weights["diffusion", "digits"])
    start, wish = noise(3, 1, 8, 8, seed=2), torch.tensor([[1], [2], [-1]])
    steps = list(paint_path(painter, start, wish, n_steps=5))
    assert len(steps) == 5 and steps[0].t == 999
    torch.testing.assert_close(steps[-1].x_t, steps[-1].x0_hat)  # at the end nothing is noise
    assert steps[-1].x_t.abs().max() <= 1
    with pytest.raises(ValueError, match="a gan paints in one pass"):
        paint_path(load_painter("gan", "digits", weights["gan", "digits"]), start, wish)


@pytest.mark.parametrize("family", ["gan", "diffusion"])
def test_wishes_are_heard(family, weights):
    painter = load_painter(family, "digits", weights[family, "digits"])
    ones, twos = (paint(painter, 4, 0, torch.full((4, 1), k), 2) for k in (1, 2))
    assert not torch.allclose(ones, twos, atol=1e-3)


def test_a_gan_fills_in_what_was_not_said_and_diffusion_leaves_it_open(weights):
    open_wish = torch.tensor([[3, -1, -1, -1, -1]]).expand(6, -1)
    heard = {}
    for family in ("gan", "diffusion"):

        def note(network, inputs, output, family=family):
            heard.setdefault(family, inputs[0])

        painter = load_painter(family, "catalog", weights[family, "catalog"])
        painter.model.conditions.register_forward_hook(note)
        assert paint(painter, 6, 0, open_wish, 1).shape == (6, 3, 32, 32)
    assert (heard["gan"][:, 0] == 3).all() and (heard["gan"] >= 0).all()
    assert torch.equal(heard["diffusion"], open_wish)


def test_a_painter_that_takes_no_wishes_says_so(weights):
    painter = load_painter("vae", "digits", weights["vae", "digits"])
    with pytest.raises(ValueError, match="takes no wishes"):
        paint(painter, 2, wanted=torch.zeros(2, 1, dtype=torch.int64))


def test_wishes_of_another_shape_are_refused(weights):
    painter = load_painter("gan", "digits", weights["gan", "digits"])
    with pytest.raises(ValueError, match=r"must be \(2, 1\), one answer a question, got \(2, 5\)"):
        paint(painter, 2, wanted=torch.zeros(2, 5, dtype=torch.int64))


@pytest.mark.parametrize("answer", [10, -2])
def test_a_wish_for_what_there_is_not_is_refused(weights, answer):
    painter = load_painter("gan", "digits", weights["gan", "digits"])
    with pytest.raises(ValueError, match=r"answer 0 must be -1 \(not said\) to 9, got"):
        paint(painter, 2, wanted=torch.tensor([[3], [answer]]))


def test_nobody_paints_no_picture(weights):
    with pytest.raises(ValueError, match="at least 1 picture, got 0"):
        paint(load_painter("gan", "digits", weights["gan", "digits"]), 0)


def test_an_unknown_family_is_refused_with_the_known_ones(weights):
    with pytest.raises(ValueError, match="'flow': choose one of vae, gan, diffusion"):
        load_painter("flow", "digits", weights["vae", "digits"])


def test_the_weights_of_another_family_are_refused(weights):
    with pytest.raises(ValueError, match="holds a PictureVAE for 'digits', not a PictureUNet"):
        load_painter("diffusion", "digits", weights["vae", "digits"])


def sample(weights, family, data, *words):
    path = weights[family, data]
    return main(["sample", family, "--data", data, "--weights", str(path), *map(str, words)])


def test_samples_are_written_as_numbers_and_as_a_sheet(weights, tmp_path):
    assert sample(weights, "gan", "digits", "-n", 5, "--out", tmp_path / "a" / "x.npz") == 0
    images = np.load(tmp_path / "a" / "x.npz")["images"]
    assert images.dtype == np.uint8 and images.shape == (5, 8, 8, 1)
    assert sample(weights, "gan", "digits", "-n", 5, "--out", tmp_path / "x.png") == 0
    with Image.open(tmp_path / "x.png") as sheet:
        assert sheet.size == (5 * 9, 9)


def test_a_caption_is_a_wish(weights, tmp_path):
    words = ["--caption", "a small red striped mug, upright", "--guidance", 2, "--steps", 2]
    words += ["--between", -1.5, 3, "-n", 2]
    found = []
    for name, more in {"plain.npz": [], "strong.npz": ["--contrast", 2]}.items():
        out = tmp_path / name
        assert sample(weights, "diffusion", "catalog", *words, *more, "--out", out) == 0
        found.append(np.load(out)["images"].astype(float) - 127.5)
    np.testing.assert_allclose(found[1], (2 * found[0]).clip(-127.5, 127.5), atol=1)


REFUSED = [
    ("vae", "digits", ["--label", 1], "takes neither --label nor --caption"),
    ("gan", "digits", ["--label", 10], "--label must be 0 to 9, got 10"),
    ("gan", "digits", ["--caption", "a mug"], "--caption is for the catalog"),
    ("gan", "digits", ["--guidance", 2], "--guidance and --between are for diffusion"),
    ("gan", "digits", ["--between", -1, 3], "--guidance and --between are for diffusion"),
    ("diffusion", "digits", ["--between", 3, -1], "a lower log SNR and a higher one"),
    ("diffusion", "catalog", ["--caption", "a mug"], "choose one of"),
    ("diffusion", "digits", ["--steps", 2000], "between 1 and 1000"),
]


@pytest.mark.parametrize(("family", "data", "words", "said"), REFUSED)
def test_what_cannot_be_done_is_one_sentence(family, data, words, said, weights, tmp_path, capsys):
    capsys.readouterr()
    assert sample(weights, family, data, *words, "--out", tmp_path / "x.npz") == 1
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1 and not (tmp_path / "x.npz").exists()


def test_another_ending_is_refused(weights, tmp_path, capsys):
    assert sample(weights, "gan", "digits", "--out", tmp_path / "x.jpg") == 1
    assert "must end in .npz or .png" in capsys.readouterr().err


def test_missing_weights_are_named(tmp_path, capsys):
    words = ["sample", "gan", "--data", "digits", "--out", str(tmp_path / "x.npz")]
    assert main([*words, "--weights", str(tmp_path / "none.safetensors")]) == 1
    assert "train the model first" in capsys.readouterr().err


def test_a_card_says_how_the_weights_came_about(weights):
    card = json.loads(weights["diffusion", "digits"].with_suffix(".json").read_text())
    assert (
        card["made by"] == "python -m course_lib train diffusion --data digits --seed 0 --steps 3"
    )
    assert card["model"] == "PictureUNet" and card["data"] == "digits" and card["steps"] == 3
