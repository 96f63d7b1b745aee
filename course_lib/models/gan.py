"""Generative adversarial network: a forger and a detective, two networks and one game.

Source: Goodfellow et al. 2014, arXiv:1406.2661; the convolutional layout follows Radford et al.
2016, arXiv:1511.06434; the spectral norm Miyato et al. 2018, arXiv:1802.05957.
Letters: B images, C channels, S pixels per side, W width, Z latent numbers.
"""

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from course_lib.models.layers import Conditions, check_size, nothing_said


class Generator(nn.Module):
    """The forger: latents (B, Z) in, images (B, C, S, S) in [-1, 1] out.

    Group norm, not batch norm: each image is made on its own, in training as in use.

    Args:
        channels: C, 1 for grey and 3 for colour.
        size: S, a multiple of 4 P.
        width: W, half the feature maps of the last hidden layer; a multiple of 4.
        latent_dim: Z, how many random numbers one image starts from.
        patch: P; each P x P pixels are made in one place, which costs less.
        answers: K for each question that may be asked of the picture; () for none.

    Raises:
        ValueError: if size is not a multiple of 4 P or width not a multiple of 4.
    """

    def __init__(
        self,
        channels: int = 1,
        size: int = 8,
        width: int = 16,
        latent_dim: int = 16,
        patch: int = 1,
        answers: tuple[int, ...] = (),
    ):
        super().__init__()
        small = check_size(size, 4 * patch) // (4 * patch)
        if width % 4:
            raise ValueError(f"width must be a multiple of 4, got {width}")
        self.latent_dim, self.answers = latent_dim, tuple(answers)
        self.conditions = Conditions(answers, latent_dim) if answers else None
        n_in, numbers = latent_dim * (2 if answers else 1), channels * patch**2
        self.net = nn.Sequential(
            nn.Linear(n_in, 4 * width * small * small),
            nn.Unflatten(1, (4 * width, small, small)),  # (B, 4W, S/4P, S/4P)
            nn.GroupNorm(8, 4 * width),
            nn.ReLU(),
            nn.ConvTranspose2d(4 * width, 2 * width, 4, stride=2, padding=1),  # (B, 2W, S/2P, S/2P)
            nn.GroupNorm(8, 2 * width),
            nn.ReLU(),
            nn.ConvTranspose2d(2 * width, numbers, 4, stride=2, padding=1),  # (B, C P P, S/P, S/P)
            nn.PixelShuffle(patch),  # (B, C, S, S)
            nn.Tanh(),  # into [-1, 1], the range of the data
        )

    def forward(self, z: Tensor, wanted: Tensor | None = None) -> Tensor:
        """Turn latents (B, Z) into images (B, C, S, S).

        wanted (B, Q) int64 says what the picture should be, -1 for "not said"; by default nothing.
        """
        if self.conditions:
            if wanted is None:
                wanted = nothing_said(len(z), self.answers, z.device)
            z = torch.cat([z, self.conditions(wanted)], dim=1)
        return self.net(z)


class Discriminator(nn.Module):
    """The detective: images (B, C, S, S) in, one raw score (B, 1) out, high for "real".

    No sigmoid: the loss contains it. No batch norm: it would let the images of a batch help each
    other. Spectral norm keeps the score from changing too fast, which keeps the game fair.

    Args:
        channels: C, 1 for grey and 3 for colour.
        size: S, a multiple of 4 P.
        width: W, feature maps of the first layer.
        patch: P; each P x P pixels become one place with more numbers, which costs less.
        answers: K for each question about the picture whose answer it is told; () for none.

    Raises:
        ValueError: if size is not a multiple of 4 P.
    """

    def __init__(
        self,
        channels: int = 1,
        size: int = 8,
        width: int = 16,
        patch: int = 1,
        answers: tuple[int, ...] = (),
    ):
        super().__init__()
        small = check_size(size, 4 * patch) // (4 * patch)
        features = 4 * width * small * small
        self.conditions = Conditions(answers, features) if answers else None
        self.look = nn.Sequential(
            nn.PixelUnshuffle(patch),
            spectral_norm(nn.Conv2d(channels * patch**2, width, 3, padding=1)),  # (B, W, S/P, S/P)
            nn.LeakyReLU(0.2),
            spectral_norm(nn.Conv2d(width, 2 * width, 4, stride=2, padding=1)),
            nn.LeakyReLU(0.2),  # (B, 2W, S/2P, S/2P)
            spectral_norm(nn.Conv2d(2 * width, 4 * width, 4, stride=2, padding=1)),
            nn.LeakyReLU(0.2),  # (B, 4W, S/4P, S/4P)
            nn.Flatten(),
        )
        self.decide = spectral_norm(nn.Linear(features, 1))  # (B, 1)

    def forward(self, x: Tensor, wanted: Tensor | None = None) -> Tensor:
        """Score images (B, C, S, S): raw logits (B, 1).

        wanted (B, Q) int64 is what the pictures are said to be. A second score, how well they agree
        with it, is added (Miyato & Koyama 2018, arXiv:1802.05637).
        """
        features = self.look(x)
        score = self.decide(features)
        if wanted is not None and self.conditions:
            agrees = (features * self.conditions(wanted)).sum(dim=1, keepdim=True)
            score = score + agrees / features.shape[1] ** 0.5
        return score
