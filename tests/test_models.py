"""Every model keeps the shapes, the range and the independence that the notebooks rely on."""

import math

import pytest
import torch
from torch import nn

from course_lib.losses import bce, kl_to_standard_normal
from course_lib.models import VAE, Discriminator, Generator, UNet, count_parameters
from course_lib.models.layers import TimeEmbedding
from course_lib.training import descend

SIZES = pytest.mark.parametrize(("size", "channels"), [(8, 1), (16, 3), (28, 1), (32, 3)])


def run_all(n, size=8, channels=1):
    """Build the four models and return, for each, a function from n images' worth of input."""
    torch.manual_seed(0)
    vae, G = VAE(channels, size, latent_dim=6), Generator(channels, size, latent_dim=6)
    D, unet = Discriminator(channels, size).eval(), UNet(channels, size)
    x, z = torch.randn(n, channels, size, size), torch.randn(n, 6)
    t = torch.arange(n) * 90
    return {
        "VAE": lambda i: vae(x[i], z[i]).x_hat,
        "Generator": lambda i: G(z[i]),
        "Discriminator": lambda i: D(x[i]),
        "UNet": lambda i: unet(x[i], t[i]),
    }


@SIZES
def test_every_model_returns_the_shape_it_promises(size, channels):
    outputs = {name: run(slice(None)) for name, run in run_all(3, size, channels).items()}
    scores = outputs.pop("Discriminator")
    assert scores.shape == (3, 1)
    for name, images in outputs.items():
        assert images.shape == (3, channels, size, size), name


@pytest.mark.parametrize("name", ["VAE", "Generator", "Discriminator", "UNet"])
def test_each_image_is_treated_independently_of_its_batch(name):
    run = run_all(5)[name]
    alone = torch.cat([run(slice(i, i + 1)) for i in range(5)])
    torch.testing.assert_close(run(slice(None)), alone, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("family", [VAE, Generator, Discriminator, UNet])
@pytest.mark.parametrize("size", [30, 0])
def test_a_size_that_cannot_be_halved_twice_is_refused(family, size):
    with pytest.raises(ValueError, match=f"size must be a multiple of 4, got {size}$"):
        family(size=size)


@pytest.mark.parametrize(("family", "multiple"), [(Generator, 4), (UNet, 8)])
def test_a_width_that_the_group_norm_cannot_share_out_is_refused(family, multiple):
    with pytest.raises(ValueError, match=f"width must be a multiple of {multiple}, got 30"):
        family(width=30)


def test_pictures_made_by_vae_and_generator_lie_in_the_range_of_the_data():
    z = 100 * torch.randn(50, 16)
    for images in (VAE().decode(z), Generator()(z)):
        assert images.min() >= -1 and images.max() <= 1


def transparent_vae():
    """A VAE whose encoder and decoder let everything through: (mu, logvar) in, z out."""
    vae = VAE(latent_dim=2)
    vae.encoder, vae.decoder = nn.Identity(), nn.Identity()
    return vae


def test_z_has_the_mean_and_the_variance_that_the_encoder_says():
    torch.manual_seed(0)
    told = torch.tensor([[1.5, -0.5, math.log(0.25), math.log(9.0)]]).expand(1_000_000, 4)
    z = transparent_vae()(told, torch.randn(1_000_000, 2)).x_hat
    torch.testing.assert_close(z.mean(0), torch.tensor([1.5, -0.5]), atol=0.02, rtol=0)
    torch.testing.assert_close(z.std(0), torch.tensor([0.5, 3.0]), atol=0.02, rtol=0)


@pytest.mark.parametrize("extreme", [100.0, -100.0])
def test_an_extreme_logvar_stays_finite(extreme):
    told = torch.tensor([[0.0, 0.0, extreme, extreme]], requires_grad=True)
    z, mu, logvar = transparent_vae()(told, torch.ones(1, 2))
    (z.square().sum() + kl_to_standard_normal(mu, logvar).sum()).backward()
    assert z.isfinite().all() and logvar.abs().max() <= 30 and told.grad.isfinite().all()


def test_without_noise_a_vae_decodes_the_mean():
    vae, x = VAE(), torch.randn(2, 1, 8, 8)
    x_hat, mu, _ = vae(x, torch.zeros(2, 16))
    torch.testing.assert_close(x_hat, vae.decode(mu))


def test_a_vae_gives_an_asymmetric_glyph_back_upright():
    torch.manual_seed(0)
    glyph = -torch.ones(1, 1, 8, 8)
    glyph[..., 1:7, 1] = glyph[..., 6, 1:6] = 1  # the letter L
    vae = VAE(width=8, latent_dim=2)
    opt = torch.optim.Adam(vae.parameters(), lr=0.01)
    for _ in range(60):
        descend((vae(glyph, torch.zeros(1, 2)).x_hat - glyph).square().sum(), opt)
    x_hat = vae(glyph, torch.zeros(1, 2)).x_hat.detach()
    assert (x_hat - glyph).square().mean() < 0.05 < (x_hat.mT - glyph).square().mean()


@pytest.mark.parametrize(("row", "column"), [(5, 24), (24, 5), (16, 9)])
def test_a_unet_answers_where_it_was_asked(row, column):
    torch.manual_seed(0)
    unet, x = UNet(size=32), torch.randn(1, 1, 32, 32)
    touched = x.clone()
    touched[..., row, column] += 1
    change = (unet(touched, torch.tensor([5])) - unet(x, torch.tensor([5]))).abs().flatten()
    found_row, found_column = divmod(change.argmax().item(), 32)
    assert abs(found_row - row) <= 4 and abs(found_column - column) <= 4


def test_a_unet_listens_to_the_time():
    torch.manual_seed(0)
    unet, x = UNet(), torch.randn(1, 1, 8, 8).expand(4, -1, -1, -1)
    answers = unet(x, torch.tensor([0, 1, 500, 999])).flatten(1)
    assert torch.pdist(answers).min() > 1e-3


def test_the_time_is_written_in_waves_one_row_per_image():
    embed = TimeEmbedding(dim=64, n_waves=32)
    embed.learned = nn.Identity()
    waves = embed(torch.tensor([0, 7, 999]))
    for row, t in zip(waves, (0, 7, 999), strict=True):
        angles = [t / 10_000 ** (i / 16) for i in range(16)]
        reference = [math.sin(a) for a in angles] + [math.cos(a) for a in angles]
        torch.testing.assert_close(row, torch.tensor(reference), atol=1e-4, rtol=0)


def test_no_two_timesteps_share_an_embedding():
    torch.manual_seed(0)
    assert torch.pdist(TimeEmbedding(64)(torch.arange(1000))).min() > 1e-3


def test_the_score_of_d_is_a_raw_logit():
    torch.manual_seed(0)
    D = Discriminator()
    assert isinstance(D.net[-1], nn.Linear)
    scores = D(1000 * torch.randn(20, 1, 8, 8))
    assert scores.min() < 0 or scores.max() > 1  # not squashed into [0, 1]


@pytest.mark.parametrize("family", [Generator, Discriminator, UNet, VAE])
def test_no_model_lets_the_images_of_a_batch_help_each_other(family):
    batch_norms = (nn.BatchNorm1d, nn.BatchNorm2d)
    assert not any(isinstance(module, batch_norms) for module in family().modules())


def test_the_last_layer_before_tanh_is_not_normalised():
    assert isinstance(Generator().net[-1], nn.Tanh)
    assert isinstance(Generator().net[-2], nn.ConvTranspose2d)


def test_spectral_norm_bounds_how_much_each_layer_of_d_can_stretch():
    torch.manual_seed(0)
    D = Discriminator()
    for _ in range(50):
        D(torch.zeros(1, 1, 8, 8))  # each pass is one power iteration
    weights = [m.weight for m in D.eval().modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len(weights) == 4
    for weight in weights:
        largest = torch.linalg.svdvals(weight.flatten(1))[0]
        torch.testing.assert_close(largest, torch.tensor(1.0), atol=0.02, rtol=0)


def test_a_step_of_d_on_detached_fakes_leaves_g_alone():
    torch.manual_seed(0)
    G, D = Generator(), Discriminator()
    fake = G(torch.randn(4, 16))
    descend(bce(D(fake.detach()), 0.0), torch.optim.Adam(D.parameters()))
    assert all(p.grad is None for p in G.parameters())
    bce(D(fake), 1.0).backward()  # a new pass of D: the graph of G is still whole
    assert all(p.grad is not None for p in G.parameters())


def test_count_parameters_counts_what_is_learned():
    frozen = nn.Linear(5, 5).requires_grad_(False)
    assert count_parameters(nn.Linear(3, 2), nn.Conv2d(1, 4, 3), frozen) == 8 + 40
