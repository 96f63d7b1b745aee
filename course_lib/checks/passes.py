"""What the notebook on faster diffusion asks for."""

from collections.abc import Callable

from course_lib.checks.judging import judge
from course_lib.runtime import noise


def stride(my_stride: Callable) -> None:
    """Check my_stride(x_t, eps_hat, a, a_next): one step of DDIM, the same a for all pictures."""
    x, eps = (noise(5, 1, 4, 4, seed=s, device="cpu") for s in range(2))
    a, a_next = 0.2, 0.7
    x_t = a**0.5 * x + (1 - a) ** 0.5 * eps
    judge(
        lambda: my_stride(x_t, eps, a, a_next),
        a_next**0.5 * x + (1 - a_next) ** 0.5 * eps,
        "With the true noise the stride lands exactly where the jump of notebook 8 does.",
        {
            "That is the clean picture: put the noise that is left at a_next back in.": x,
            "The picture is scaled by sqrt(a_next), and the noise by sqrt(1 - a_next).":
                a_next * x + (1 - a_next) * eps,
            "Use a for the way to the clean picture, and a_next for the way from it.":
                x_t,
            "You forgot to divide by sqrt(a) on the way to the clean picture.":
                a_next**0.5 * a**0.5 * x + (1 - a_next) ** 0.5 * eps,
            "The noise is missing: only at the very end is nothing left of it.": a_next**0.5 * x,
        },
    )  # fmt: skip


def guided(my_guided: Callable) -> None:
    """Check my_guided(free, told, w): 0 gives free, 1 gives told, more goes beyond."""
    free, told = (noise(5, 1, 4, 4, seed=s, device="cpu") for s in range(2))
    w = 3.0
    judge(
        lambda: my_guided(free, told, w),
        (1 - w) * free + w * told,
        "0 ignores the wish, 1 heeds it, and 3 goes three times as far.",
        {
            "This is the paper's w, which is ours less 1: with 0 the wish should be ignored.":
                (1 + w) * told - w * free,
            "The wrong way round: with 0 the wish should be ignored, with 1 heeded.":
                told + w * (free - told),
            "Start from free, not from told.": told + w * (told - free),
            "Start from free: the difference alone is no guess.": w * (told - free),
        },
    )  # fmt: skip
