"""What the notebook on diffusion at work asks for."""

from collections.abc import Callable

from course_lib.checks.judging import judge
from course_lib.runtime import noise


def both(my_both: Callable) -> None:
    """Check my_both(free, first, second, w): predictions (B, C, S, S), to one for both.

    Source: Liu et al. 2022, arXiv:2206.01714, both wishes of one weight.
    """
    free, first, second = (noise(2, 1, 3, 3, seed=s, device="cpu") for s in range(3))
    w = 2.5
    truth = w * first + w * second + (1 - 2 * w) * free
    judge(
        lambda: my_both(free, first, second, w),
        truth,
        "From what is free, a step towards each wish.",
        {
            "This heeds the first wish only.": (1 - w) * free + w * first,
            "This is one step towards the mean of both: each wish gets half its weight.":
                (1 - w) * free + w * (first + second) / 2,
            "What is free counts once, not twice: start there, then add the two steps.":
                truth + free,
            "Steps begin at what is free, not at zero.": free + w * (first + second),
        },
    )  # fmt: skip


def hold(my_hold: Callable) -> None:
    """Check my_hold(x_t, eps_hat, x, mask, a): the noise that leaves x alone outside the mask.

    The truth goes by the clean guess: inside the mask the model's, outside x itself.
    """
    x_t, eps_hat, x = (noise(2, 1, 4, 4, seed=s, device="cpu") for s in range(3))
    mask, a = (noise(2, 1, 4, 4, seed=3, device="cpu") > 0).float(), 0.3
    signal, grain = a**0.5, (1 - a) ** 0.5
    guess = mask * (x_t - grain * eps_hat) / signal + (1 - mask) * x
    truth = (x_t - signal * guess) / grain
    inside, outside = mask * eps_hat, (1 - mask) * truth
    judge(
        lambda: my_hold(x_t, eps_hat, x, mask, a),
        truth,
        "Inside the model's noise, outside the noise that leads back to x.",
        {
            "Turned round: this keeps what is inside the mask.":
                (1 - mask) * eps_hat + mask * (x_t - signal * x) / grain,
            "This is the clean picture; the sampler asks for the noise.": guess,
            "Outside: take sqrt(a) x from x_t, then divide by sqrt(1 - a).":
                inside + outside * grain,
            "Roots: a counts variance, pixels are multiplied by sqrt(a).":
                inside + (1 - mask) * (x_t - a * x) / (1 - a),
            "Outside stands x itself, but the sampler asks for noise everywhere.":
                inside + (1 - mask) * x,
        },
    )  # fmt: skip
