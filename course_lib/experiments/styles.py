"""Paint by statistics: move a picture's pixels until a judge sees in them what it should see.

No network learns anything here; the recogniser of the catalog lends its eyes. Sources: Gatys et al.
2015, arXiv:1508.06576 (style) and arXiv:1505.07376 (texture from one picture).
Letters: B pictures, K features, S pixels per side.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.judges import shipped_judge
from course_lib.losses import gram
from course_lib.models import Judge
from course_lib.runtime import pick_device

NEARLY = 0.97  # tanh reaches 1 only at infinity
BARE = 10.0  # what the bare pixels count, beside 1 for each round


def looks(judge: Judge, x: Tensor) -> list[Tensor]:
    """Return what is seen in pictures (B, 3, S, S): bare pixels, then a judge's three rounds.

    Each pixel with its eight neighbours (B, 27, S, S), then (B, 32, S, S), (B, 64, S/2, S/2) and
    (B, 128, S/4, S/4), each round before it shrinks the picture; S may be any multiple of 4. The
    judge alone overlooks fine checks of pixels: it keeps the brightest of four.
    """
    around = F.unfold(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3)  # (B, 27, S S)
    seen = [around.unflatten(2, x.shape[2:])]
    for layer in judge.trunk:
        x = layer(x)
        if isinstance(layer, nn.ReLU):
            seen.append(x)
        if len(seen) == 4:
            return seen
    raise ValueError("this judge looks fewer than three times")


def repainted(
    start: Tensor,
    style: Tensor,
    content: Tensor | None = None,
    style_weight: float = 1.0,
    n_steps: int = 100,
    rate: float = 0.05,
) -> Tensor:
    """Change pictures until their statistics are those of a style, and their content is kept.

    Style is the Gram matrices of all four looks, content what the last one sees where. Both are
    errors relative to what is wanted, so 1 means "nothing of it is there".

    Args:
        start: pictures (B, 3, S, S) to begin with; noise will do.
        style: (B or 1, 3, S', S') in [-1, 1].
        content: (B, 3, S, S) whose content to keep, if any.
        style_weight: how much the style counts, with content counting 1.
        n_steps: steps of Adam.
        rate: their size.
    """
    judge = shipped_judge("recogniser")
    home = pick_device()
    with torch.no_grad():
        wanted = [gram(seen) for seen in looks(judge, style.to(home))]
        meant = None if content is None else looks(judge, content.to(home))[-1]
    pencil = torch.atanh(NEARLY * start.to(home)).requires_grad_()
    opt = torch.optim.Adam([pencil], lr=rate)
    for _ in range(n_steps):
        seen = looks(judge, torch.tanh(pencil))
        gaps = [_apart(gram(s), want) for s, want in zip(seen, wanted, strict=True)]
        loss = style_weight * (BARE * gaps[0] + sum(gaps[1:]))
        if meant is not None:
            loss = loss + _apart(seen[-1], meant)
        opt.zero_grad()
        loss.backward(inputs=[pencil])  # the judge itself learns nothing
        opt.step()
    return torch.tanh(pencil).detach().cpu()


def _apart(found: Tensor, wanted: Tensor) -> Tensor:
    """Return how far found lies from wanted, squared, relative to wanted's size; summed over B."""
    error = (found - wanted).square().flatten(1).sum(dim=1)
    return (error / wanted.square().flatten(1).sum(dim=1)).sum()
