"""The judge: a small convolutional network that says what a picture shows.

It is no generator. It marks their work: its answers are counted, and its 128 features are the
space in which distances between pictures are taken.
Letters: B images, C channels, S pixels per side, F features, K answers to one question.
"""

import torch
from torch import Tensor, nn

from course_lib.models.layers import check_size


class Judge(nn.Module):
    """Three rounds of look and shrink, then F features, then one answer to each question.

    Args:
        channels: C, 1 for grey and 3 for colour.
        answers: K for each question, such as (10,) for ten classes.
        size: S, a multiple of 8.
        width: feature maps of the first round; the others have twice and four times as many.
        n_features: F.

    Raises:
        ValueError: if size is not a multiple of 8.
    """

    def __init__(
        self,
        channels: int,
        answers: tuple[int, ...],
        size: int = 32,
        width: int = 32,
        n_features: int = 128,
    ):
        super().__init__()
        small = check_size(size, 8) // 8
        self.answers = tuple(answers)
        self.trunk = nn.Sequential(
            *_look_and_shrink(channels, width),  # (B, W, S/2, S/2)
            *_look_and_shrink(width, 2 * width),  # (B, 2W, S/4, S/4)
            *_look_and_shrink(2 * width, 4 * width),  # (B, 4W, S/8, S/8)
            nn.Flatten(),
            nn.Linear(4 * width * small * small, n_features),
            nn.ReLU(),  # (B, F)
        )
        self.head = nn.Linear(n_features, sum(self.answers))

    def features(self, x: Tensor) -> Tensor:
        """Describe images (B, C, S, S) in [-1, 1] by features (B, F), none below 0."""
        return self.trunk(x)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """Answer each question about images (B, C, S, S): logits (B, K), one tensor a question."""
        return torch.split(self.head(self.features(x)), self.answers, dim=1)


def _look_and_shrink(n_in: int, n_out: int) -> list[nn.Module]:
    """Return the layers of one round: (B, I, S, S) -> (B, O, S/2, S/2)."""
    look = nn.Conv2d(n_in, n_out, 3, padding=1, bias=False)  # batch norm brings the bias
    return [look, nn.BatchNorm2d(n_out), nn.ReLU(), nn.MaxPool2d(2)]
