"""What a learner would otherwise pick: the networks and steps of well-known examples.

None of them is told what a picture shows.
Letters: B images, Z latents, W width.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.losses import bce, kl_to_standard_normal
from course_lib.training import descend


class ExampleVAE(nn.Module):
    """A VAE of linear layers, 784-400-20, on 28x28 pixels: the size of PyTorch's own example.

    Source: github.com/pytorch/examples, vae/main.py; Kingma & Welling 2014, arXiv:1312.6114.
    """

    latent_dim = 20

    def __init__(self):
        super().__init__()
        self.enter = nn.Linear(784, 400)
        self.leave = nn.Linear(400, 2 * self.latent_dim)  # mu beside logvar
        self.decoder = nn.Sequential(nn.Linear(20, 400), nn.ReLU(), nn.Linear(400, 784))

    def encode(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Return mu and logvar, each (B, Z), of pixels (B, 784) in [0, 1]."""
        return self.leave(F.relu(self.enter(pixels))).chunk(2, dim=1)

    def decode(self, z: Tensor) -> Tensor:
        """Turn latents (B, Z) into pictures (B, 1, 32, 32): 28x28 pixels set into black."""
        pixels = self.decoder(z).sigmoid().reshape(-1, 1, 28, 28)
        return F.pad(2 * pixels - 1, (2, 2, 2, 2), value=-1.0)


def example_vae_step(batch, vae, opt):
    """Take one step down binary cross-entropy plus KL, summed over pixels."""
    pixels = (batch.x[:, 0, 2:-2, 2:-2].flatten(1) + 1) / 2
    mu, logvar = vae.encode(pixels)
    z = mu + (0.5 * logvar).exp() * torch.randn_like(mu)
    error = F.binary_cross_entropy_with_logits(vae.decoder(z), pixels, reduction="none").sum(1)
    loss = (error + kl_to_standard_normal(mu, logvar)).mean()
    descend(loss, opt)
    return {"loss": loss}


def dcgan_generator(width: int = 64, latent_dim: int = 100) -> nn.Sequential:
    """Return DCGAN's generator for 32x32: (B, Z) -> (B, 1, 32, 32).

    Source: Radford et al. 2016, arXiv:1511.06434, with one stage less than for 64x64.
    """
    stages = [nn.Unflatten(1, (latent_dim, 1, 1)), *_grow(latent_dim, 4 * width, 1, 0)]
    stages += [*_grow(4 * width, 2 * width, 2, 1), *_grow(2 * width, width, 2, 1)]
    last = nn.ConvTranspose2d(width, 1, 4, stride=2, padding=1, bias=False)
    return _begin_small(nn.Sequential(*stages, last, nn.Tanh()))


def dcgan_discriminator(width: int = 64) -> nn.Sequential:
    """Return DCGAN's discriminator for 32x32: (B, 1, 32, 32) -> raw logits (B, 1)."""
    first = nn.Conv2d(1, width, 4, stride=2, padding=1, bias=False)
    stages = [first, nn.LeakyReLU(0.2), *_shrink(width, 2 * width)]
    stages += [*_shrink(2 * width, 4 * width), nn.Conv2d(4 * width, 1, 4, bias=False)]
    return _begin_small(nn.Sequential(*stages, nn.Flatten()))


def dcgan_step(batch, G, D, opt_G, opt_D):
    """Play one round: the detective moves, then the forger."""
    fake = G(torch.randn(len(batch.x), 100, device=batch.x.device))
    d_loss = bce(D(batch.x), 1.0) + bce(D(fake.detach()), 0.0)
    descend(d_loss, opt_D)
    g_loss = bce(D(fake), 1.0)
    descend(g_loss, opt_G)
    return {"detective": d_loss, "forger": g_loss}


def diffusers_unet() -> nn.Module:
    """Return a small U-Net of diffusers with attention at 16x16 and at 8x8.

    Raises:
        ImportError: if diffusers is not installed.
    """
    from diffusers import UNet2DModel

    return UNet2DModel(
        sample_size=32,
        in_channels=1,
        out_channels=1,
        layers_per_block=2,
        block_out_channels=(32, 64, 64),
        down_block_types=("DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
    )


def diffusers_step(batch, model, opt, scheduler):
    """Noise a batch with diffusers' scheduler and guess the noise, as its tutorial does."""
    eps = torch.randn_like(batch.x)
    n_timesteps = scheduler.config.num_train_timesteps
    t = torch.randint(n_timesteps, (len(batch.x),), device=batch.x.device)
    eps_hat = model(scheduler.add_noise(batch.x, eps, t), t).sample
    loss = F.mse_loss(eps_hat, eps)
    descend(loss, opt)
    return {"loss": loss}


def diffusers_ddim(model: nn.Module, x_T: Tensor, scheduler, n_steps: int) -> Tensor:
    """Denoise x_T (B, 1, 32, 32) with diffusers' DDIM scheduler, without fresh noise."""
    scheduler.set_timesteps(n_steps)
    x_t = x_T
    for t in scheduler.timesteps:
        x_t = scheduler.step(model(x_t, t).sample, t, x_t).prev_sample
    return x_t


def _grow(n_in: int, n_out: int, stride: int, padding: int) -> list[nn.Module]:
    layer = nn.ConvTranspose2d(n_in, n_out, 4, stride, padding, bias=False)
    return [layer, nn.BatchNorm2d(n_out), nn.ReLU()]


def _shrink(n_in: int, n_out: int) -> list[nn.Module]:
    layer = nn.Conv2d(n_in, n_out, 4, stride=2, padding=1, bias=False)
    return [layer, nn.BatchNorm2d(n_out), nn.LeakyReLU(0.2)]


def _begin_small(network: nn.Sequential) -> nn.Sequential:
    """Draw the initial weights as the authors did, with standard deviation 0.02."""
    for layer in network:
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(layer.weight, 0.0, 0.02)
        elif isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.weight, 1.0, 0.02)
    return network
