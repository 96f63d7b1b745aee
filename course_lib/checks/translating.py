"""What the notebook on translating pictures asks for."""

from collections.abc import Callable

import torch

from course_lib.checks.judging import judge
from course_lib.runtime import noise


def gram(my_gram: Callable) -> None:
    """Check my_gram(features): (K, S, S) -> (K, K), the mean product over places."""
    features = noise(3, 4, 5, seed=0, device="cpu")
    places = [features[:, i, j] for i in range(4) for j in range(5)]
    truth = torch.stack([torch.outer(place, place) for place in places]).mean(dim=0)
    flat = features.flatten(1)
    judge(
        lambda: my_gram(features),
        truth,
        "What occurs together, and not where: shuffle the places and it is the same.",
        {
            "These are sums: divide by the number of places, or a larger picture weighs more.":
                flat @ flat.T,
            "Divide by the places alone, not by the features too.": truth / 3,
            "That is a covariance: the mean of each feature is part of the style, leave it in.":
                torch.cov(flat, correction=0),
            "That is a correlation: how strong a feature is belongs to the style.":
                torch.corrcoef(flat),
        },
    )  # fmt: skip


def cycle(my_cycle: Callable) -> None:
    """Check my_cycle(a, b, there, back): what is lost on both round trips, mean absolute errors."""
    a, b = (noise(2, 3, 4, 4, seed=seed, device="cpu") for seed in (0, 1))

    def there(x):
        return (2 * x + 0.5).clamp(-1, 1)

    def back(x):
        return 0.4 * x.flip(-1) - 0.1

    def gap(found, wanted):
        return (found - wanted).abs().mean()

    home, abroad = gap(back(there(a)), a), gap(there(back(b)), b)
    squares = (back(there(a)) - a).square().mean() + (there(back(b)) - b).square().mean()
    judge(
        lambda: my_cycle(a, b, there, back),
        home + abroad,
        "Both round trips are paid for. It is 0 only if each translator undoes the other.",
        {
            "The trip that starts from b is missing.": home,
            "The trip that starts from a is missing.": abroad,
            "These are squares: take absolute values.": squares,
            "Each trip starts with the translator into the other language: b goes back first.":
                gap(there(back(a)), a) + gap(back(there(b)), b),
            "That asks for no change at all: compare after the round trip, not after one way.":
                gap(there(a), a) + gap(back(b), b),
            "a and b are no pair: nobody knows what b should be for this a.":
                gap(there(a), b) + gap(back(b), a),
            "Take the sum of both trips, not their mean.": (home + abroad) / 2,
        },
    )  # fmt: skip
