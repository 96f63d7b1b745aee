"""How an answer is held against the truth, and what is said about it."""

import os
import traceback
from collections.abc import Callable

import torch
from torch import Tensor

Mistakes = dict[str, Tensor | float]  # a hint for each wrong answer that is foreseen


def judge(attempt: Callable, truth: Tensor, praise: str, mistakes: Mistakes) -> None:
    """Run an attempt, compare it with the truth, and say in one line how it went."""
    try:
        verdict = _verdict(attempt(), truth, praise, mistakes)
    except NotImplementedError:
        verdict = "○ Not tried yet. The cells below do not need it."
    except Exception as error:
        theirs = error.__traceback__.tb_next.tb_next  # from the learner's line on, without ours
        lines = traceback.format_exception(type(error), error, theirs)
        verdict = f"✗ Your function stopped with an error:\n{''.join(lines)}"
    print(verdict)
    if os.environ.get("COURSE_STRICT") == "1" and not verdict.startswith("✓"):
        raise AssertionError(verdict)


def _verdict(answer: object, truth: Tensor, praise: str, mistakes: Mistakes) -> str:
    try:
        answer = torch.as_tensor(answer, dtype=truth.dtype)
    except (TypeError, ValueError, RuntimeError):
        return f"✗ Return a tensor or a number, not {type(answer).__name__}."
    if answer.shape != truth.shape:
        return f"✗ The shape should be {(*truth.shape,)}, got {(*answer.shape,)}."
    if torch.allclose(answer, truth, atol=1e-4, rtol=1e-4):
        return f"✓ {praise}"
    for hint, wrong in mistakes.items():
        if torch.allclose(answer, torch.as_tensor(wrong, dtype=truth.dtype), atol=1e-4, rtol=1e-4):
            return f"✗ {hint}"
    return "✗ Not equal to the closed form yet. Try one example by hand."
