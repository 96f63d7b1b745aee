"""Filling by diffusion: on Gaussian pictures every step is known, and so is where it should end."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_lib.sampling import ddim
from course_lib.sampling.keeping import fill, fill_path, known_means, known_pixels
from course_lib.sampling.windows import Windows
from course_lib.schedules import cosine_alpha_bar

ALPHA_BAR = cosine_alpha_bar(1000).double()
C = torch.tensor([[1.0, 0.9], [0.9, 1.0]], dtype=torch.float64)  # two pixels that are much alike


class ExactNoise(nn.Module):
    """Predict the noise in x_t exactly, when pictures are drawn from N(0, C)."""

    def __init__(self, covariance=C):
        super().__init__()
        self.covariance = covariance

    def shrink(self, t):
        a = ALPHA_BAR[t]
        total = a * self.covariance + (1 - a) * torch.eye(len(self.covariance)).double()
        return (1 - a).sqrt() * torch.linalg.inv(total)

    def forward(self, x_t, t):
        return (x_t.flatten(1) @ self.shrink(t[0])).reshape(x_t.shape)


class Counts(nn.Module):
    """Answer with no noise, and note the timesteps asked about."""

    def __init__(self):
        super().__init__()
        self.times = []

    def forward(self, x_t, t):
        self.times.append(t[0].item())
        return torch.zeros_like(x_t)


def two_pixels(n, left=1.5):
    """Return n pictures of two pixels, the left one known, and noise to begin with."""
    x = torch.full((n, 1, 1, 2), torch.nan, dtype=torch.float64)
    x[..., 0] = left
    known = torch.tensor([True, False]).expand(n, 1, 1, 2).contiguous()
    start = torch.randn(n, 1, 1, 2, dtype=torch.float64, generator=torch.manual_seed(0))
    return known_pixels(x, known), start


def by_recursion(take, part, n_steps, rounds, back, eta):
    """Follow mean and covariance through every step: all of them are linear. (d,), (d, d)."""
    d, model = len(part), ExactNoise(C if len(part) == 2 else blocks_covariance())
    times = [1000 - i * 1000 // n_steps - 1 for i in range(n_steps)]
    signal = [*ALPHA_BAR[times], torch.tensor(1.0).double()]
    eye = torch.eye(d).double()
    rest = eye - take

    def put_back(mean, cov, a):
        return rest @ mean + a.sqrt() * part, rest @ cov @ rest.T + (1 - a) * take @ take.T

    mean, cov = put_back(torch.zeros(d).double(), eye, signal[0])
    for first in range(0, n_steps, back):
        last = min(first + back, n_steps)
        for turn in range(rounds):
            if turn:
                left = signal[first] / signal[last]
                mean, cov = left.sqrt() * mean, left * cov + (1 - left) * eye
            for i in range(first, last):
                a, b = signal[i], signal[i + 1]
                sigma2 = eta**2 * (1 - b) / (1 - a) * (1 - a / b)
                guess = model.shrink(times[i])
                clean = (eye - (1 - a).sqrt() * guess) / a.sqrt()
                step = b.sqrt() * clean + (1 - b - sigma2).clamp(min=0).sqrt() * guess
                mean, cov = step @ mean, step @ cov @ step.T + sigma2 * eye
                mean, cov = put_back(mean, cov, b)
    return mean, cov


@pytest.mark.parametrize(
    ("n_steps", "rounds", "back", "eta"), [(20, 1, 4, 1.0), (20, 3, 4, 1.0), (10, 3, 5, 0.5)]
)
def test_fills_of_gaussian_pictures_follow_the_exact_recursion(n_steps, rounds, back, eta):
    known, start = two_pixels(10_000)
    settings = {"n_steps": n_steps, "rounds": rounds, "back": back, "eta": eta}
    found = fill(ExactNoise(), start, ALPHA_BAR, known, **settings, seed=1, clip=False)[..., 1]
    take, part = torch.diag(torch.tensor([1.0, 0.0]).double()), torch.tensor([1.5, 0.0]).double()
    mean, cov = by_recursion(take, part, **settings)
    assert found.mean().item() == pytest.approx(mean[1].item(), abs=0.02)
    assert found.var().item() == pytest.approx(cov[1, 1].item(), rel=0.06)


def test_jumps_bring_the_fill_to_the_true_conditional_and_replacement_alone_does_not():
    """Given 1.5 on the left, the right pixel is N(0.9 * 1.5, 1 - 0.9^2)."""
    take, part = torch.diag(torch.tensor([1.0, 0.0]).double()), torch.tensor([1.5, 0.0]).double()
    found = {r: by_recursion(take, part, 200, r, 10, 1.0) for r in (1, 4, 30)}
    mean = {rounds: mean[1].item() for rounds, (mean, _) in found.items()}
    assert mean[1] < 1.0 < mean[4] < mean[30]
    assert mean[30] == pytest.approx(1.35, abs=0.02)
    assert found[30][1][1, 1].item() ** 0.5 == pytest.approx(0.436, abs=0.04)


def blocks_covariance():
    """Four pixels in a 2 x 2 block: alike, and each also itself."""
    return 0.6 * torch.ones(4, 4).double() + 0.4 * torch.eye(4).double()


def test_known_means_follow_the_same_recursion():
    small = torch.full((10_000, 1, 1, 1), 0.7, dtype=torch.float64)
    known = known_means(small, 2)
    start = torch.randn(10_000, 1, 2, 2, dtype=torch.float64, generator=torch.manual_seed(0))
    model = ExactNoise(blocks_covariance())
    found = fill(model, start, ALPHA_BAR, known, 20, seed=1, clip=False).flatten(1)
    take, part = torch.full((4, 4), 0.25).double(), torch.full((4,), 0.7).double()
    mean, cov = by_recursion(take, part, 20, 1, 4, 1.0)
    torch.testing.assert_close(found.mean(0), mean, atol=0.02, rtol=0)
    torch.testing.assert_close(found.T.cov(), cov, atol=0.02, rtol=0)
    exact = 0.4 * (torch.eye(4).double() - 0.25)  # what the mean leaves open, exactly
    _, cov = by_recursion(take, part, 500, 1, 4, 1.0)
    torch.testing.assert_close(cov, exact, atol=0.01, rtol=0)


def test_what_is_known_stays_and_what_stands_in_the_hole_is_never_looked_at():
    x = torch.rand(2, 3, 8, 8, generator=torch.manual_seed(1)) * 2 - 1
    known = torch.rand(x.shape, generator=torch.manual_seed(2)) > 0.4
    start = torch.randn(x.shape, generator=torch.manual_seed(3))
    spoiled = torch.where(known, x, torch.nan)
    for rounds in (1, 3):
        found = fill(Counts(), start, cosine_alpha_bar(50), known_pixels(spoiled, known), 8, rounds)
        assert torch.equal(found[known], x[known]) and found.isfinite().all()
    means = known_means(F.avg_pool2d(x, 4), 8)
    found = fill(Counts(), start, cosine_alpha_bar(50), means, 8)
    torch.testing.assert_close(F.avg_pool2d(found, 4), F.avg_pool2d(x, 4))


def test_known_pixels_are_as_noisy_as_everything_else():
    x = torch.full((50, 1, 16, 16), 0.5)
    known = known_pixels(x, torch.ones(x.shape, dtype=torch.bool))
    for i, step in enumerate(fill_path(Counts(), x, cosine_alpha_bar(50), known, 5)):
        a = [*cosine_alpha_bar(50)[[39, 29, 19, 9]].tolist(), 1.0][i]
        assert step.x_t.mean().item() == pytest.approx(0.5 * a**0.5, abs=0.03)
        assert step.x_t.std().item() == pytest.approx((1 - a) ** 0.5, abs=0.02)


def test_with_nothing_known_and_no_fresh_noise_it_is_ddim():
    start = torch.randn(3, 1, 1, 2, dtype=torch.float64, generator=torch.manual_seed(3))
    nothing = known_pixels(start, torch.zeros(start.shape, dtype=torch.bool))
    found = fill(ExactNoise(), start, ALPHA_BAR, nothing, 12, eta=0.0)
    torch.testing.assert_close(found, ddim(ExactNoise(), start, ALPHA_BAR, 12))


def test_each_stretch_is_walked_as_often_as_asked():
    model, start = Counts(), torch.zeros(1, 1, 2, 2)
    known = known_pixels(start, torch.zeros(start.shape, dtype=torch.bool))
    steps = list(fill_path(model, start, cosine_alpha_bar(10), known, 5, rounds=2, back=2))
    assert model.times == [9, 7, 9, 7, 5, 3, 5, 3, 1, 1] == [step.t for step in steps]


def test_nonsense_is_refused_in_one_sentence():
    x = torch.zeros(2, 1, 8, 8)
    with pytest.raises(ValueError, match="known must be bool"):
        known_pixels(x, torch.ones(2, 1, 8, 8))
    with pytest.raises(ValueError, match="no multiple of the side"):
        known_means(torch.zeros(2, 1, 3, 3), 8)
    known = known_pixels(x, torch.ones(x.shape, dtype=torch.bool))
    with pytest.raises(ValueError, match="rounds of 1 or more"):
        fill(Counts(), x, cosine_alpha_bar(50), known, 8, rounds=0)
    with pytest.raises(ValueError, match="got 1, 9 and 1.0"):
        fill(Counts(), x, cosine_alpha_bar(50), known, 8, back=9)


class Place(nn.Module):
    """Answer with the window's own columns, counted from its left, plus what it sees."""

    def forward(self, x_t, t):
        return x_t + torch.arange(x_t.shape[-1]).double() * t[:, None, None, None]


def test_windows_give_the_mean_of_all_that_see_a_pixel():
    x, t = torch.randn(2, 1, 4, 12, dtype=torch.float64, generator=torch.manual_seed(0)), 3
    found = Windows(Place(), width=8, stride=2)(x, torch.full((2,), t))
    for column in range(12):
        lefts = [left for left in (0, 2, 4) if left <= column < left + 8]
        mean = sum(x[..., column] + t * (column - left) for left in lefts) / len(lefts)
        torch.testing.assert_close(found[..., column], mean)


def test_windows_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="between 1 and 8, got 9"):
        Windows(Place(), 8, 9)
    with pytest.raises(ValueError, match="do not fit 13 pixels"):
        Windows(Place(), 8, 4)(torch.zeros(1, 1, 4, 13), torch.zeros(1))


GUARDS = [
    (test_fills_of_gaussian_pictures_follow_the_exact_recursion, (20, 3, 4, 1.0),
     "sampling.keeping", [
        ("a**0.5 * known.part", "a * known.part"),
        ("left**0.5 * x_t", "left * x_t"),
        ("(1 - left) ** 0.5 * fresh()", "(1 - left) * fresh()"),
        ("x_t + variance**0.5 * fresh()", "x_t + variance * fresh()"),
        ("(1 - a_next - variance) ** 0.5", "(1 - a_next) ** 0.5"),
    ]),
    (test_what_is_known_stays_and_what_stands_in_the_hole_is_never_looked_at, (),
     "sampling.keeping", [
        ("torch.where(known, x, 0.0), lambda", "x, lambda"),
        ("return x - known.take(x) + noised", "return x + noised"),
        ("F.avg_pool2d(x, block)", "F.max_pool2d(x, block)"),
    ]),
    (test_known_pixels_are_as_noisy_as_everything_else, (), "sampling.keeping", [
        ("(1 - a) ** 0.5 * known.take(fresh())", "(1 - a) * known.take(fresh())"),
        ("a**0.5 * known.part", "a * known.part"),
    ]),
    (test_known_means_follow_the_same_recursion, (), "sampling.keeping", [
        ("x - known.take(x)", "x - 0.5 * known.take(x)"),
    ]),
    (test_each_stretch_is_walked_as_often_as_asked, (), "sampling.keeping", [
        ("for i in starts for _ in range(rounds)", "for _ in range(rounds) for i in starts"),
    ]),
    (test_windows_give_the_mean_of_all_that_see_a_pixel, (), "sampling.windows", [
        ("return total / count", "return total"),
        ("count[..., seen] += 1", "count[..., seen] = 1"),
    ]),
]  # fmt: skip
