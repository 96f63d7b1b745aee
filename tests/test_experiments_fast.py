"""The experiments on few passes count as said; no weights are needed."""

import pytest
import torch

from course_lib.data import load
from course_lib.data.catalog import catalog_split, split_factors
from course_lib.experiments import EXPERIMENTS, fast_digits, fast_pictures
from course_lib.models import Generator, UNet
from course_lib.models.pictures import PictureUNet
from course_lib.painters import Painter
from course_lib.schedules import cosine_alpha_bar


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")


def scores(*frechets):
    return {str(n): {"frechet": d} for n, d in zip((1, 2, 5, 10), frechets, strict=True)}


def test_the_fewest_passes_are_those_within_a_tenth_of_the_best():
    assert fast_digits.fewest(scores(9.0, 1.11, 1.1, 1.0)) == 5
    assert fast_digits.fewest(scores(9.0, 0.5, 2.0, 1.0)) == 2
    assert fast_digits.fewest(scores(1.0, 1.0, 1.0, 1.0)) == 1


def test_the_price_is_passes_times_time_over_a_gans_time():
    found = {name: scores(9.0, 3.0, 1.0, 1.0) for name in fast_digits.PASSES}
    price = fast_digits.price(found, 0.2, 0.1)
    assert price["DDIM"] == {"passes": 5, "times": pytest.approx(10)}
    assert price["ms"] == {"diffusion": 0.2, "GAN": 0.1}


def test_real_digits_score_well_and_flat_ones_badly():
    digits = load("digits", "cpu")
    real = fast_digits.score(digits.validation.x)
    flat = fast_digits.score(torch.zeros(350, 1, 8, 8) + 0.01 * torch.randn(350, 1, 8, 8))
    assert real["precision"] > 0.9 and real["frechet"] < 0.1 * flat["frechet"]


@pytest.mark.parametrize("sampler", fast_digits.PASSES)
def test_every_sampler_draws_from_the_noise_of_the_seed(sampler):
    torch.manual_seed(0)
    model = UNet(width=8)
    first, again, other = (fast_digits.draw(sampler, model, 2, seed) for seed in (0, 0, 1))
    assert first.shape == (350, 1, 8, 8) and torch.equal(first, again)
    assert not torch.allclose(first, other)


def test_only_ddpm_meets_noise_on_the_way_and_each_seed_meets_its_own():
    torch.manual_seed(0)
    model, x_T, alpha_bar = UNet(width=8), torch.zeros(1, 1, 8, 8), cosine_alpha_bar(1000)
    for sampler in fast_digits.PASSES:
        first, other = (fast_digits.walk(sampler, model, x_T, alpha_bar, 2, s) for s in (0, 1))
        assert torch.equal(first, other) == (sampler != "DDPM")


def test_the_noise_on_the_way_is_not_that_of_the_beginning(monkeypatch):
    met = []
    monkeypatch.setattr(fast_digits, "ddim", lambda *_, seed, eta: met.append((seed, eta)))
    for seed in range(5):
        fast_digits.walk("DDPM", None, None, None, 2, seed)
    assert not {seed for seed, _ in met} & set(range(5)) and {eta for _, eta in met} == {1.0}


def test_a_pass_takes_time_and_a_gans_takes_less():
    ours = fast_digits.milliseconds(UNet(width=16), 3)
    assert ours > fast_digits.milliseconds(Generator(latent_dim=16), 3) > 0


def test_wishes_come_as_often_as_in_the_data():
    asked = fast_pictures.wishes("fashion", 0, 5000)
    assert asked.shape == (5000, 1)
    assert asked.flatten().bincount(minlength=10).min() > 400
    rows = torch.stack(split_factors("validation")[:5], dim=1)
    wanted = fast_pictures.wishes("catalog", 3, 40)
    assert all((rows == row).all(dim=1).any() for row in wanted)
    assert not torch.equal(wanted, fast_pictures.wishes("catalog", 4, 40))


def test_real_pictures_show_what_they_are_said_to_show():
    x = catalog_split("test", 100).x
    truth = torch.stack(split_factors("test", 100)[:5], dim=1)
    assert fast_pictures.share_right("catalog", x, truth) > 0.98
    wrong = truth.clone()
    wrong[:50, 1] = (wrong[:50, 1] + 1) % 8  # one word of five
    assert fast_pictures.share_right("catalog", x, wrong) == pytest.approx(0.5, abs=0.02)


def test_pictures_are_drawn_in_range_and_guidance_changes_them(monkeypatch):
    torch.manual_seed(0)
    model = PictureUNet(3, 32, 2, 8, 1, (12, 8, 5, 2, 3)).eval()
    for part in model.leave[-1:]:
        torch.nn.init.normal_(part.weight, std=0.5)
    painter = Painter("diffusion", "catalog", model, (12, 8, 5, 2, 3))
    monkeypatch.setattr(fast_pictures, "painter_of", lambda data: painter)
    plain = fast_pictures.drawn("catalog", 0, 4, "DDIM", 3)
    assert plain.shape == (4, 3, 32, 32) and plain.abs().max() <= 1
    assert torch.equal(plain, fast_pictures.drawn("catalog", 0, 4, "DDIM", 3))
    strict = fast_pictures.drawn("catalog", 0, 4, "DDIM", 3, 4)
    assert not torch.allclose(plain, strict)
    for between, same in (((90.0, 99.0), plain), ((-1e9, 1e9), strict)):  # never, and always
        torch.testing.assert_close(
            fast_pictures.drawn("catalog", 0, 4, "DDIM", 3, 4, between), same, atol=1e-2, rtol=0
        )


def test_both_experiments_can_be_asked_for():
    assert EXPERIMENTS["fast_digits"] is fast_digits.measure
    assert EXPERIMENTS["fast_pictures"] is fast_pictures.measure
