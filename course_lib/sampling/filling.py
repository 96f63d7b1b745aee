"""Gaps in pictures, filled in by a VAE: encode, decode, keep what is known, and again.

Source: Rezende, Mohamed & Wierstra 2014, arXiv:1401.4082, section 5.5. Letters: K draws, B
pictures, C channels, S pixels per side.
"""

import torch
from torch import Tensor, nn

from course_lib.runtime import generator
from course_lib.sampling.keeping import known_pixels
from course_lib.sampling.one_pass import evaluating


def fill_in(
    vae: nn.Module,
    x: Tensor,
    known: Tensor,
    n_draws: int = 10,
    n_rounds: int = 20,
    grain: float = 0.0,
    seed: int = 0,
) -> Tensor:
    """Return several fillings of each picture, (K, B, C, S, S); known pixels stay as they are.

    Each draw is a walk of its own. It begins with grey in the gaps; each round draws a place on the
    map for the picture as it stands, decodes it, and copies the gaps from there.

    Args:
        vae: who encodes and decodes.
        x: pictures (B, C, S, S); what stands in the gaps is never looked at.
        known: (B, C, S, S) bool, False in the gaps.
        n_draws: K.
        n_rounds: length of each walk; the last round is what is returned.
        grain: noise on what is filled in. With the decoder's `pixel_sigma`, each round draws from
            the model's own distribution of the gaps given a place; with 0 it takes the middle.
        seed: decides the noise.

    Raises:
        ValueError: if the shapes differ, or there is nothing to draw.
    """
    filled = known_pixels(x, known).part  # (B, C, S, S), grey in the gaps
    if min(n_draws, n_rounds) < 1:
        raise ValueError(f"need at least one draw and one round, got {n_draws} and {n_rounds}")
    draw = generator(seed)
    x, known, filled = (part.repeat(n_draws, 1, 1, 1) for part in (x, known, filled))  # K B of them
    with evaluating(vae):
        for _ in range(n_rounds):
            mu, logvar = vae.encode(filled)
            z = mu + (0.5 * logvar).exp() * torch.randn(mu.shape, generator=draw).to(x.device)
            guess = vae.decode(z)
            if grain:
                guess = guess + grain * torch.randn(x.shape, generator=draw).to(x.device)
            filled = torch.where(known, x, guess)
    return filled.unflatten(0, (n_draws, -1))
