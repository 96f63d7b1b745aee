"""Moving one attribute in a latent space, and what moves along with it.

    tables = answer_codes(mu, factors)          # factors (N, Q): what the pictures show
    edited = moved(mu, tables[1], old, new)     # question 1, such as the colour: old to new
    leaks = changed(read_before, read_after)    # who changed, the colour and who else

Letters: N pictures, Z latent numbers, Q questions with K answers each.
"""

import torch
from torch import Tensor

from course_lib.data.catalog_words import Words


def answer_codes(codes: Tensor, factors: Tensor) -> list[Tensor]:
    """Return for each question the mean code of each answer, the other questions balanced.

    Plain means would mix causes: if most boots were black, "black minus red" would hold some boot.
    So all questions are fitted at once, by least squares: a code is a constant plus one part for
    each answer. Only differences between answers of one question mean something; the mean over its
    answers is 0.

    Args:
        codes: (N, Z), or pictures (N, C, S, S), which are treated as long codes.
        factors: (N, Q) int64, the answer to each question.

    Returns:
        Q tensors (K, Z), float32, K being the largest answer + 1.

    Raises:
        ValueError: if the numbers of rows differ or an answer never occurs.
    """
    if factors.ndim != 2 or len(codes) != len(factors) or factors.dtype != torch.int64:
        have = f"{(*codes.shape,)} and {factors.dtype} {(*factors.shape,)}"
        raise ValueError(f"need codes (N, Z) and int64 factors (N, Q), got {have}")
    if any(len(answers.unique()) <= answers.max() for answers in factors.T):
        raise ValueError("every answer from 0 to the largest must occur at least once")
    hot = [torch.nn.functional.one_hot(answers).double() for answers in factors.T.cpu()]
    table = torch.cat([torch.ones(len(codes), 1, dtype=torch.float64), *hot], dim=1)
    flat = codes.detach().cpu().flatten(1).double()
    parts = torch.linalg.pinv(table.T @ table, hermitian=True) @ (table.T @ flat)
    blocks = parts[1:].split([part.shape[1] for part in hot])
    return [(block - block.mean(dim=0)).float() for block in blocks]


def moved(codes: Tensor, table: Tensor, old: Tensor, new: Tensor, strength: float = 1.0) -> Tensor:
    """Return codes (N, ...) moved from their old answers (N,) to new ones, by a table (K, Z)."""
    step = strength * (table[new] - table[old])
    return codes + step.reshape(codes.shape).to(codes)


def changed(before: Words, after: Words) -> dict[str, float]:
    """Return for each factor the share of pictures in which it reads differently.

    Args:
        before: what was read in N pictures, five tensors (N,).
        after: what was read in the same pictures, edited.

    Raises:
        ValueError: if the numbers of pictures differ.
    """
    if len(before.kind) != len(after.kind):
        raise ValueError(f"{len(before.kind)} pictures before, but {len(after.kind)} after")
    return {
        name: (a != b).double().mean().item()
        for name, a, b in zip(Words._fields, before, after, strict=True)
    }
