"""Four ways to fill in missing pixels, each tuned on validation pictures, and how sure they are.

Letters: B pictures, K draws.
"""

import warnings
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Tensor

from course_lib.data import Dataset
from course_lib.models import VAE
from course_lib.runtime import generator
from course_lib.sampling import evaluating
from course_lib.sampling.filling import fill_in

GRAIN = 0.4  # the decoder's pixel_sigma in the digit recipe


def with_gaps(x: Tensor, share: float, seed: int) -> Tensor:
    """Return which pixels are known, bool of the shape of x: all but a share, chosen by chance."""
    return torch.rand(x.shape, generator=generator(seed + 500)) >= share


def gap_error(filled: Tensor, x: Tensor, known: Tensor) -> float:
    """Return the root of the mean squared error of the pixels that were missing."""
    return (filled - x)[~known].square().mean().sqrt().item()


def tuned_tools(digits: Dataset, vae: VAE, seed: int) -> dict[str, Callable]:
    """Choose each tool's setting on validation pictures; return name: fill(x, known)."""
    x = digits.validation.x
    known = with_gaps(x, 0.5, seed + 1000)
    settings = {
        "mean": [partial(by_mean, digits.train.x)],
        "neighbours": [partial(by_neighbours, digits.train.x, k) for k in (1, 3, 5, 10, 20)],
        "ridge": [partial(by_ridge, digits.train.x, n) for n in (3, 8)],
        "VAE": [partial(by_vae, vae, n, grain) for n in (5, 20) for grain in (0.0, GRAIN)],
    }
    return {
        name: min(tools, key=lambda fill: gap_error(fill(x, known), x, known))
        for name, tools in settings.items()
    }


def by_mean(train: Tensor, x: Tensor, known: Tensor) -> Tensor:
    """Fill each gap with the mean of that pixel over the training pictures."""
    return torch.where(known, x, train.mean(dim=0))


def by_neighbours(train: Tensor, k: int, x: Tensor, known: Tensor) -> Tensor:
    """Fill gaps with the mean of the k training pictures nearest in the known pixels."""
    from sklearn.impute import KNNImputer  # scikit-learn loads only when used

    imputer = KNNImputer(n_neighbors=k, weights="distance").fit(train.flatten(1).numpy())
    return _as_pictures(imputer.transform(_with_nan(x, known)), x)


def by_ridge(train: Tensor, n_rounds: int, x: Tensor, known: Tensor) -> Tensor:
    """Guess each missing pixel from all others by Bayesian ridge regression, several rounds."""
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401
    from sklearn.impute import IterativeImputer

    imputer = IterativeImputer(max_iter=n_rounds, min_value=-1, max_value=1, random_state=0)
    both = np.concatenate([train.flatten(1).numpy(), _with_nan(x, known)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # not converged: the number of rounds is a setting
        return _as_pictures(imputer.fit_transform(both)[len(train) :], x)


def by_vae(vae: VAE, n_rounds: int, grain: float, x: Tensor, known: Tensor) -> Tensor:
    """Fill gaps with the mean of ten draws."""
    draws = fill_in(vae, x, known, n_draws=10, n_rounds=n_rounds, grain=grain, seed=0)
    return draws.mean(dim=0).clamp(-1, 1)


def calibration(vae: VAE, digits: Dataset, known: Tensor, seed: int) -> dict:
    """Return which share of the missing test pixels lies in the VAE's 80 % interval of 20 draws.

    "places alone" draws the place on the map and takes the middle of what is decoded; "with grain"
    adds the decoder's noise, as the model says; "fitted grain" adds as much as validation pictures
    ask for: the error of their own redrawings.
    """
    x, share = digits.test.x, {}
    with evaluating(vae):
        mu, _ = vae.encode(digits.validation.x)
        error = vae.decode(mu) - digits.validation.x
    for name, grain in {"places alone": 0.0, "with grain": GRAIN}.items():
        draws = fill_in(vae, x, known, n_draws=20, n_rounds=10, grain=grain, seed=seed)
        share[name] = inside(draws, x, known)
        if not grain:
            eps = torch.randn(draws.shape, generator=generator(seed))
            share["fitted grain"] = inside(draws + error.std(dim=0) * eps, x, known)
    return share


def inside(draws: Tensor, x: Tensor, known: Tensor) -> float:
    """Return the share of missing pixels between the 10th and the 90th of 100 such draws (K, ...).

    A pixel on the edge of its interval is inside; draws beyond black and white are cut off.
    """
    low, high = torch.quantile(draws.clamp(-1, 1), torch.tensor([0.1, 0.9]), dim=0)
    fits = (x >= low - 1e-3) & (x <= high + 1e-3)
    return fits[~known].float().mean().item()


def _with_nan(x: Tensor, known: Tensor) -> np.ndarray:
    return torch.where(known, x, torch.nan).flatten(1).numpy()


def _as_pictures(rows: np.ndarray, x: Tensor) -> Tensor:
    return torch.from_numpy(rows).float().reshape(x.shape)
