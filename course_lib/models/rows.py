"""VAEs for what is no picture: a row of numbers, a list of likings, a string of tokens.

Between encoder and decoder they are the VAE of pictures, unchanged. Only the outer layers differ,
and what the last layer's numbers mean is said by the error that a recipe takes.
Letters: B rows, D numbers in a row, W width, Z latent numbers, L tokens in a string, V kinds of
token.
"""

import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.models.layers import stack
from course_lib.models.vae import VAE


class RowVAE(VAE):
    """The VAE with plain networks for rows of numbers (B, D).

    Args:
        n_numbers: D.
        width: W, features of every hidden layer.
        latent_dim: Z, how many numbers describe one row.
        depth: hidden layers of each network.
    """

    def __init__(self, n_numbers: int, width: int = 128, latent_dim: int = 8, depth: int = 2):
        nn.Module.__init__(self)  # not VAE's own, which builds networks for images
        self.latent_dim = latent_dim
        self.encoder = stack(
            n_numbers, 2 * latent_dim, width, depth, nn.SiLU
        )  # (B, 2Z): mu beside logvar
        self.decoder = stack(latent_dim, n_numbers, width, depth, nn.SiLU)


class TasteVAE(RowVAE):
    """The VAE of lists: who likes what as rows (B, D) of 0 and 1, and a raw score for every item.

    The encoder looks at half of each list while it learns, at all of it afterwards.
    Source: Liang et al. 2018, arXiv:1802.05814.
    """

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mu and logvar, each (B, Z), of lists (B, D), whatever their lengths."""
        return super().encode(F.dropout(F.normalize(x), 0.5, self.training) * x.shape[1] ** 0.5)


class TokenVAE(RowVAE):
    """The VAE of strings: tokens (B, L) int64 in, raw scores (B, L, V) for every place out.

    All places are decided at once, each by itself: the decoder never sees what it has written. A
    straight line through the latent space, `guess`, says a property of the string.
    Source of the guess: Gomez-Bombarelli et al. 2018, https://doi.org/10.1021/acscentsci.7b00572.
    """

    def __init__(self, length: int, n_kinds: int, width: int = 192, latent_dim: int = 24):
        super().__init__(length * n_kinds, width, latent_dim, depth=1)
        self.n_kinds = n_kinds
        self.guess = nn.Linear(latent_dim, 1)  # of one property, from the place alone

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mu and logvar, each (B, Z), of strings (B, L) int64."""
        return super().encode(F.one_hot(x, self.n_kinds).flatten(1).float())

    def decode(self, z: Tensor) -> Tensor:
        """Turn latents (B, Z) into raw scores (B, L, V) of every kind of token at every place."""
        return self.decoder(z).unflatten(1, (-1, self.n_kinds))
