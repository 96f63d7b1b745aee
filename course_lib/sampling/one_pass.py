"""From noise to pictures in one pass, and how every sampler borrows a model."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


@contextmanager
def evaluating(model: nn.Module) -> Iterator[nn.Module]:
    """Lend a model in eval mode without gradients, and give it back in the mode it had."""
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield model
    finally:
        model.train(was_training)


def decode(model: nn.Module, z: Tensor) -> Tensor:
    """Turn latents (B, Z) into images (B, C, S, S) in one pass: a VAE's decoder or a generator."""
    with evaluating(model):
        return model.decode(z) if hasattr(model, "decode") else model(z)
