"""The networks for points keep their shapes, treat each point alone and listen to the time."""

import math

import pytest
import torch
from torch import nn

from course_lib.models import count_parameters
from course_lib.models.points import PointDenoiser, PointDiscriminator, PointGenerator, PointVAE


def run_all(n):
    """Build the four networks; return, for each, a function from n points' worth of input."""
    torch.manual_seed(0)
    vae, G, D, model = PointVAE(), PointGenerator(), PointDiscriminator(), PointDenoiser()
    x, z, t = torch.randn(n, 2), torch.randn(n, 2), torch.arange(n) * 9
    return {
        "VAE": lambda i: vae(x[i], z[i]).x_hat,
        "generator": lambda i: G(z[i]),
        "discriminator": lambda i: D(x[i]),
        "denoiser": lambda i: model(x[i], t[i]),
    }


@pytest.mark.parametrize("name", ["VAE", "generator", "discriminator", "denoiser"])
def test_each_point_is_answered_alone_and_in_its_shape(name):
    run = run_all(5)[name]
    together, alone = run(slice(None)), torch.cat([run(slice(i, i + 1)) for i in range(5)])
    assert together.shape == (5, 1 if name == "discriminator" else 2)
    torch.testing.assert_close(together, alone, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("latent_dim", [1, 2, 7])
def test_maps_of_any_size_can_be_asked_for(latent_dim):
    vae, G = PointVAE(latent_dim=latent_dim), PointGenerator(latent_dim=latent_dim)
    z = torch.randn(4, latent_dim)
    assert vae.latent_dim == G.latent_dim == latent_dim
    assert vae.decode(z).shape == G(z).shape == (4, 2)
    assert vae(torch.randn(4, 2), z).mu.shape == (4, latent_dim)


def test_the_networks_are_as_large_as_three_hidden_layers_make_them():
    W = 10
    hidden = 2 * (W * W + W)
    assert count_parameters(PointGenerator(W)) == (2 * W + W) + hidden + (2 * W + 2)
    assert count_parameters(PointDiscriminator(W)) == (2 * W + W) + hidden + (W + 1)
    both = (2 * W + W) + hidden + (4 * W + 4) + (2 * W + W) + hidden + (2 * W + 2)
    assert count_parameters(PointVAE(W)) == both
    time = (32 * W + W) + (W * W + W)
    assert count_parameters(PointDenoiser(W)) == time + (W + 2) * W + W + hidden + (2 * W + 2)


@pytest.mark.parametrize("name", ["generator", "discriminator"])
def test_every_hidden_layer_bends(name):
    """Between the kinks of a ReLU network lie straight pieces: there must be many of them."""
    torch.manual_seed(0)
    family = {"generator": PointGenerator, "discriminator": PointDiscriminator}[name]
    line = torch.linspace(-3, 3, 4001, dtype=torch.float64)[:, None] * torch.tensor([[1.0, 0.5]])
    bends = family().double()(line)[:, 0].diff(n=2).abs() > 1e-9
    assert bends.sum() > 80  # one hidden layer of 64 gives at most 64, and 2 samples a kink


def test_points_have_no_range_to_stay_in():
    torch.manual_seed(0)
    far = 1000 * torch.randn(50, 2)
    assert PointVAE().decode(far).abs().max() > 2 and PointGenerator()(far).abs().max() > 2
    assert PointDiscriminator()(far).abs().max() > 2
    assert PointDenoiser()(far, torch.zeros(50)).abs().max() > 2


def test_the_place_on_the_map_has_the_mean_and_the_variance_that_the_encoder_says():
    vae = PointVAE(latent_dim=1)
    vae.encoder, vae.decoder = nn.Identity(), nn.Identity()
    told = torch.tensor([[1.5, math.log(0.25)]]).expand(200_000, 2)
    torch.manual_seed(0)
    z = vae(told, torch.randn(200_000, 1)).x_hat
    assert z.mean().item() == pytest.approx(1.5, abs=0.01)
    assert z.std().item() == pytest.approx(0.5, abs=0.01)


def test_the_denoiser_listens_to_the_time():
    torch.manual_seed(0)
    answers = PointDenoiser()(torch.ones(4, 2), torch.tensor([0, 1, 25, 49]))
    assert torch.pdist(answers).min() > 1e-4


def test_the_denoiser_listens_to_the_point():
    torch.manual_seed(0)
    answers = PointDenoiser()(torch.tensor([[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]]), torch.ones(3))
    assert torch.pdist(answers).min() > 1e-4


GUARDS = [
    (test_the_denoiser_listens_to_the_time, (), "models.points", [
        ("[x_t, self.embed(t)]", "[x_t, 0 * self.embed(t)]"),
    ]),
    (test_the_denoiser_listens_to_the_point, (), "models.points", [
        ("[x_t, self.embed(t)]", "[0 * x_t, self.embed(t)]"),
    ]),
    (test_the_networks_are_as_large_as_three_hidden_layers_make_them, (), "models.points", [
        ("self.embed = TimeEmbedding(width)", "self.embed = TimeEmbedding(width, n_waves=16)"),
        ("self.decoder = layers(latent_dim, 2, width, nn.SiLU)", "self.decoder = self.encoder"),
    ]),
    (test_every_hidden_layer_bends, ("generator",), "models.points", [
        ("self.net = layers(latent_dim, 2, width, nn.ReLU)",
         "self.net = layers(latent_dim, 2, width, nn.Identity)"),
    ]),
    (test_points_have_no_range_to_stay_in, (), "models.points", [
        ("return self.net(z)", "return self.net(z).tanh()"),
        ("return self.net(x)", "return self.net(x).sigmoid()"),
    ]),
]  # fmt: skip
