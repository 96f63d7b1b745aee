"""Pictures changed part of the way end where Gaussian arithmetic says; what is held stays."""

import pytest
import torch
from test_sampling_second_order import SPREAD, KnowsGaussian

from course_lib.models.pictures import PictureUNet
from course_lib.runtime import noise
from course_lib.sampling import AsNoise, Guided, Holding, ddim, redraw, second_order
from course_lib.schedules import cosine_alpha_bar, noised


def drawn(seed, scale=1.0):
    return scale * noise(3, 1, 4, 4, seed=seed, device="cpu").double()


@pytest.mark.parametrize("strength", [0.1, 0.5, 0.9])
def test_gaussian_pictures_end_where_the_closed_form_says(strength):
    alpha_bar = cosine_alpha_bar(1000).double()
    x, eps = drawn(0, SPREAD), drawn(1)
    a = alpha_bar[round(1000 * strength) - 1]
    x_t = a.sqrt() * x + (1 - a).sqrt() * eps
    truth = SPREAD * x_t / (a * SPREAD**2 + 1 - a).sqrt()
    found = redraw(KnowsGaussian(alpha_bar), x, eps, alpha_bar, strength, 800, clip=False)
    torch.testing.assert_close(found, truth, atol=2e-4, rtol=2e-3)


def test_the_stronger_the_less_is_left_of_the_source():
    alpha_bar = cosine_alpha_bar(1000).double()
    x, eps = drawn(0, SPREAD), drawn(1)
    model = KnowsGaussian(alpha_bar)
    ends = [redraw(model, x, eps, alpha_bar, s, clip=False) for s in (0.0, 0.2, 0.4, 0.6, 0.8)]
    left = [((end * x).sum() / x.square().sum()).item() for end in ends]
    assert left[0] == 1 and all(a > b for a, b in zip(left, left[1:], strict=False)), left
    assert torch.equal(ends[0], x) and ends[0] is not x


def test_full_strength_is_painting_anew():
    alpha_bar = cosine_alpha_bar(100)
    x, eps = drawn(0, SPREAD).float(), drawn(1).float()
    model = KnowsGaussian(alpha_bar)
    x_T = noised(x, eps, alpha_bar[-1].expand(3))
    expected = second_order(model, x_T, alpha_bar, 10)
    torch.testing.assert_close(redraw(model, x, eps, alpha_bar, 1.0, 10), expected)


class Counts(KnowsGaussian):
    """Count the passes."""

    passes = 0

    def forward(self, x_t, t):
        self.passes += 1
        return super().forward(x_t, t)


@pytest.mark.parametrize(("strength", "passes"), [(0, 0), (0.01, 1), (0.25, 6), (1, 24)])
def test_a_part_of_the_way_takes_its_share_of_the_passes(strength, passes):
    alpha_bar = cosine_alpha_bar(100).double()
    model = Counts(alpha_bar)
    redraw(model, drawn(0), drawn(1), alpha_bar, strength)
    assert model.passes == passes


@pytest.mark.parametrize("strength", [-0.1, 1.1])
def test_a_strength_that_is_no_share_is_refused(strength):
    with pytest.raises(ValueError, match=f"got {strength}"):
        redraw(KnowsGaussian(torch.ones(9)), drawn(0), drawn(1), torch.ones(9), strength)


def test_noise_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="shape of x"):
        redraw(KnowsGaussian(torch.ones(9)), drawn(0), drawn(1)[:1], torch.ones(9), 0.5)


@pytest.mark.parametrize("sampler", [redraw, ddim])
def test_what_is_held_stays_and_the_rest_does_not(sampler):
    alpha_bar, mask = cosine_alpha_bar(1000).double(), torch.zeros(3, 1, 4, 4)
    mask[:, :, :2] = 1
    x, eps = drawn(0, SPREAD).clamp(-1, 1), drawn(1)
    model = Holding(KnowsGaussian(alpha_bar), alpha_bar, x, mask)
    if sampler is redraw:
        found = redraw(model, x, eps, alpha_bar, 0.9)
    else:
        found = ddim(model, noised(x, eps, alpha_bar[-1].expand(3)), alpha_bar, 20)
    torch.testing.assert_close(found[:, :, 2:], x[:, :, 2:], atol=1e-6, rtol=0)
    assert (found[:, :, :2] - x[:, :, :2]).abs().mean() > 0.05


def test_inside_the_mask_the_model_has_its_way():
    alpha_bar = cosine_alpha_bar(1000).double()
    x, eps, mask = drawn(0, SPREAD), drawn(1), torch.zeros(3, 1, 4, 4)
    mask[..., 0] = 1
    free = redraw(KnowsGaussian(alpha_bar), x, eps, alpha_bar, 0.7)
    held = redraw(Holding(KnowsGaussian(alpha_bar), alpha_bar, x, mask), x, eps, alpha_bar, 0.7)
    torch.testing.assert_close(held[..., 0], free[..., 0])  # here each pixel is on its own


def test_half_a_mask_is_halfway_between_both_clean_guesses():
    alpha_bar = cosine_alpha_bar(1000).double()
    x, x_t, t = drawn(0), drawn(1), torch.tensor([10, 500, 900])
    a = alpha_bar[t][:, None, None, None]

    def clean(model):
        return (x_t - (1 - a).sqrt() * model(x_t, t)) / a.sqrt()

    model = KnowsGaussian(alpha_bar)
    half = clean(Holding(model, alpha_bar, x, torch.full((3, 1, 4, 4), 0.5)))
    torch.testing.assert_close(half, (clean(model) + x) / 2)


@pytest.mark.parametrize("make", [
    lambda model, alpha_bar, x: Guided(model, alpha_bar, torch.zeros(2, 1, dtype=torch.int64)),
    lambda model, alpha_bar, x: AsNoise(model, alpha_bar, "clean"),
    lambda model, alpha_bar, x: Holding(model, alpha_bar, x, x > 0),
])  # fmt: skip
def test_what_a_borrowed_model_carries_moves_with_it_and_is_never_saved(make):
    borrowed = make(torch.nn.Linear(2, 2), cosine_alpha_bar(50), torch.zeros(2, 1, 4, 4))
    carried = list(borrowed.to("meta").buffers())
    assert carried and all(v.is_meta for v in carried)
    assert set(borrowed.state_dict()) == {"model.weight", "model.bias"}
    assert not any(isinstance(v, torch.Tensor) for v in vars(borrowed).values())


def test_a_guided_network_can_be_held():
    torch.manual_seed(0)
    alpha_bar, net = cosine_alpha_bar(50), PictureUNet(1, 8, 1, 8, 1, answers=(4, 3))
    x, eps = (noise(2, 1, 8, 8, seed=s, device="cpu") for s in (0, 1))
    x, mask = x.clamp(-1, 1), torch.ones(2, 1, 8, 8)
    mask[..., :4] = 0
    guided = Guided(net, alpha_bar, torch.tensor([[0, 2], [3, -1]]), 2.0)
    found = redraw(Holding(guided, alpha_bar, x, mask), x, eps, alpha_bar, 0.8, 6)
    torch.testing.assert_close(found[..., :4], x[..., :4], atol=1e-5, rtol=0)
    assert not torch.allclose(found[..., 4:], x[..., 4:], atol=0.1)


GUARDS = [
    (test_gaussian_pictures_end_where_the_closed_form_says, (0.5,), "sampling.editing", [
        ("noised(x, eps, way[-1]", "noised(eps, x, way[-1]"),
        ("alpha_bar[:n_noised]", "alpha_bar[n_noised:]"),
        ("second_order(model, x_t, way,", "second_order(model, x, way,"),
    ]),
    (test_a_part_of_the_way_takes_its_share_of_the_passes, (0.25, 6), "sampling.editing", [
        ("round(strength * n_steps)", "n_steps"),
    ]),
    (test_half_a_mask_is_halfway_between_both_clean_guesses, (), "sampling.editing", [
        ("a.sqrt() * self.x) / (1 - a).sqrt()", "a.sqrt() * self.x)"),
        ("x_t - a.sqrt() * self.x", "x_t - self.x"),
    ]),
    (test_what_is_held_stays_and_the_rest_does_not, (ddim,), "sampling.editing", [
        ("torch.lerp(kept, self.model(x_t, t),", "torch.lerp(self.model(x_t, t), kept,"),
    ]),
]  # fmt: skip
