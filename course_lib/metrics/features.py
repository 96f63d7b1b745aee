"""A few numbers that describe a picture. Distances mean as much as the features they are taken in.

So every set of features has a name, and no distance is shown without it.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from course_lib.data import Dataset
from course_lib.judges import shipped_judge
from course_lib.metrics.inputs import rows
from course_lib.models.judge import Judge
from course_lib.sampling import evaluating


class Features(NamedTuple):
    """A named way to describe an image by a few numbers, in which distances are taken."""

    name: str
    dim: int
    embed: Callable[[Tensor], Tensor]  # images (N, C, S, S) -> features (N, dim), float64, CPU


def pca_features(train: Tensor, dim: int = 16) -> Features:
    """Return the leading principal components of training images (N, C, S, S) as features."""
    from sklearn.decomposition import PCA  # scikit-learn loads only when used

    pca = PCA(dim, svd_solver="full").fit(rows(train).numpy())
    return Features(
        f"{dim} principal components",
        dim,
        lambda x: torch.from_numpy(pca.transform(rows(x).numpy())),
    )


def judge_features(name: str, model: Judge) -> Features:
    """Return what a judge sees in a picture as features, under the name it is to be quoted by.

    The judge looks at 128 pictures at a time, in eval mode, and keeps the mode it had.
    """

    def embed(x: Tensor) -> Tensor:
        device = next(model.parameters()).device
        with evaluating(model):
            seen = [model.features(batch.to(device)) for batch in x.split(128)]
        return torch.cat(seen).cpu().double()  # in this order: MPS has no float64

    return Features(name, model.head.in_features, embed)


def usual_features(data: Dataset) -> Features:
    """Return the features in which this course compares pictures of a data set.

    Those of its judge, where it has one; else the leading principal components of train.
    """
    if data.name == "catalog":
        return judge_features("the recogniser's 128 features", shipped_judge("recogniser"))
    if data.name == "fashion":
        return judge_features("the classifier's 128 features", shipped_judge("classifier"))
    return pca_features(data.train.x)
