"""What the notebook on a VAE's map asks for."""

from collections.abc import Callable

import torch

from course_lib.checks.judging import judge
from course_lib.runtime import noise


def arc(my_arc: Callable) -> None:
    """Check my_arc(a, b, share): (Z,), (Z,), a number, to the place on the arc from a to b.

    The truth turns a towards b in the plane that both span: for a and b of equal length.
    """
    a, b = noise(5, seed=0, device="cpu"), noise(5, seed=1, device="cpu")
    length, share = 2.0, 0.3
    a, b = length * a / a.norm(), length * b / b.norm()
    angle = (a @ b / length**2).acos()
    across = b - (a @ b) * a / length**2  # the part of b at right angles to a
    across = length * across / across.norm()
    truth = (share * angle).cos() * a + (share * angle).sin() * across
    flat = (1 - share) * a + share * b
    judge(
        lambda: my_arc(a, b, share),
        truth,
        "As far from the middle as both ends are, and a share of the angle away from a.",
        {
            "This is the straight way: it cuts through the inside.": flat,
            "You go from b to a: at share 0 you should stand at a.":
                (((1 - share) * angle).sin() * b + (share * angle).sin() * a) / angle.sin(),
            "Divide by sin(angle), or the arc does not begin at a.":
                ((1 - share) * angle).sin() * a + (share * angle).sin() * b,
            "The right length, but uneven speed: turn by share * angle.":
                length * flat / flat.norm(),
        },
    )  # fmt: skip


def direction(my_direction: Callable) -> None:
    """Check my_direction(codes, label, old, new): (N, Z), (N,), to the step (Z,) old to new."""
    codes, label = noise(12, 3, seed=0, device="cpu"), torch.arange(12) % 3
    means = torch.stack([sum(codes[i] for i in range(12) if i % 3 == k) / 4 for k in range(3)])
    judge(
        lambda: my_direction(codes, label, 2, 0),
        means[0] - means[2],
        "From the middle of the old to the middle of the new.",
        {
            "Turned round: this leads from new to old.": means[2] - means[0],
            "This is where the new ones are; how does one get there from the old?": means[0],
            "The middle of all is no place to start from: subtract that of the old.":
                means[0] - codes.mean(dim=0),
        },
    )  # fmt: skip
