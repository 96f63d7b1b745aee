"""Two trained judges that mark what generators make, and how much their answers can be trusted.

The recogniser reads a picture of the catalog back into words and says whether it is a valid
picture at all. The classifier names what a photograph shows. Both were trained by the course's
own command, `python -m course_lib train`; the cards beside their weights say how.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.checkpoints import load, read_card
from course_lib.data import check_range
from course_lib.data.catalog_words import Words
from course_lib.models import Judge
from course_lib.runtime import pick_device
from course_lib.sampling import evaluating

WEIGHTS = Path(__file__).parent / "weights"


class Reading(NamedTuple):
    """What the recogniser sees in N pictures."""

    words: Words  # the five named factors, (N,) int64 each
    confidence: Tensor  # (N, 5) in [0, 1]: how sure it is of each of them
    validity: Tensor  # (N,) in [0, 1]: how sure it is that this is a picture of the catalog

    @property
    def valid(self) -> Tensor:
        """Which pictures are more likely valid than not, (N,) bool."""
        return self.validity > 0.5


@cache
def shipped_judge(name: str) -> Judge:
    """Return the "recogniser" or the "classifier" that comes with the course, ready for use.

    Raises:
        FileNotFoundError, ValueError: if its file is missing or not the one its card describes.
    """
    path = WEIGHTS / f"{name}.safetensors"
    judge = Judge(**read_card(path)["config"])
    load(judge, path)
    return judge.eval().to(pick_device(), memory_format=torch.channels_last)


def answers(judge: Judge, x: Tensor) -> list[Tensor]:
    """Return the probabilities a judge gives for images (N, C, S, S): (N, K) a question, CPU."""
    check_range(x)
    device = next(judge.parameters()).device
    with evaluating(judge):
        blocks = [judge(block.to(device)) for block in x.split(1000)]
    return [torch.cat(logits).softmax(1).cpu() for logits in zip(*blocks, strict=True)]


def read_pictures(x: Tensor, judge: Judge | None = None) -> Reading:
    """Read pictures of the catalog (N, 3, 32, 32) in [-1, 1] back into words.

    Args:
        judge: another recogniser than the one that comes with the course.

    Raises:
        ValueError: if the pictures have another shape, or leave [-1, 1].
    """
    if x.ndim != 4 or x.shape[1:] != (3, 32, 32):
        raise ValueError(f"the recogniser reads pictures (N, 3, 32, 32), got {(*x.shape,)}")
    *factors, valid = answers(judge or shipped_judge("recogniser"), x)
    best = [share.max(dim=1) for share in factors]
    confidence = torch.stack([found.values for found in best], dim=1)
    return Reading(Words(*(found.indices for found in best)), confidence, valid[:, 1])


def calibrate(judge: Judge, x: Tensor, label: Tensor) -> list[float]:
    """Make a judge as sure as it is right: divide the logits of each question by a temperature.

    The temperature, one a question, is the one that makes the given labels likeliest; it is
    worked into the last layer. Source: Guo et al. 2017, arXiv:1706.04599, section 4.2.

    Args:
        x: images it was not trained on (N, C, S, S); hard ones too, or it has nothing to learn.
        label: (N, Q) int64, one a question; -1 where a question makes no sense.

    Returns:
        The temperatures.
    """
    found, candidates = [], torch.logspace(-1, 1, 201)
    for i, shares in enumerate(answers(judge, x)):
        asked = label[:, i] >= 0
        logits, truth = shares[asked].clamp(min=1e-12).log(), label[asked, i]
        losses = torch.stack([F.cross_entropy(logits / t, truth) for t in candidates])
        found.append(candidates[losses.argmin()].item())
    temperature = torch.tensor(found).repeat_interleave(torch.tensor(judge.answers))
    temperature = temperature.to(judge.head.bias.device)
    with torch.no_grad():
        judge.head.weight /= temperature[:, None]
        judge.head.bias /= temperature
    return found


def tame_features(judge: Judge, x: Tensor) -> float:
    """Scale a judge's features to mean square 1 on images (N, C, S, S), its answers untouched.

    Distances between features then have a readable size. Works because ReLU(a x) = a ReLU(x).

    Returns:
        The root mean square that the features had.
    """
    device = judge.head.bias.device
    with evaluating(judge):
        squares = [judge.features(block.to(device)).square().mean() for block in x.split(1000)]
    size = torch.stack(squares).mean().sqrt()
    last = judge.trunk[-2]  # the linear layer before the last ReLU
    with torch.no_grad():
        last.weight /= size
        last.bias /= size
        judge.head.weight *= size
    return size.item()


def calibration_error(confidence: Tensor, right: Tensor, n_bins: int = 10) -> float:
    """Return how far confidence (N,) is from the share of right answers (N,), on average.

    The answers are sorted by confidence and cut into bins of equal size; in each the mean
    confidence is compared with the share that is right. 0 is perfect.
    """
    order = confidence.argsort()
    gaps = [
        (confidence[part].mean() - right[part].float().mean()).abs() * len(part)
        for part in order.tensor_split(n_bins)
    ]
    return (torch.stack(gaps).sum() / len(order)).item()
