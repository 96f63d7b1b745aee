"""The plain network and the transformer: as large as the U-Net, and each picture by itself."""

import pytest
import torch
import torch.nn.functional as F

from course_lib.data.points import moons
from course_lib.models import UNet, count_parameters
from course_lib.models.denoisers import PlainDenoiser, Round, TransformerDenoiser
from course_lib.models.memory import Memory
from course_lib.runtime import noise
from course_lib.sampling import ddim
from course_lib.schedules import cosine_alpha_bar

BOTH = pytest.mark.parametrize("kind", [PlainDenoiser, TransformerDenoiser])


def asked(kind, n=5):
    torch.manual_seed(0)
    model, x = kind().double(), noise(n, 1, 8, 8, seed=0, device="cpu").double()
    return lambda i, late=0: model(x[i], torch.arange(n)[i] * 99 + late)


@BOTH
def test_it_learns_about_as_many_numbers_as_the_unet(kind):
    assert count_parameters(kind()) == pytest.approx(count_parameters(UNet(width=16)), rel=0.03)


@BOTH
def test_each_picture_is_answered_alone_and_in_its_shape(kind):
    run = asked(kind)
    together, alone = run(slice(None)), torch.cat([run(slice(i, i + 1)) for i in range(5)])
    assert together.shape == (5, 1, 8, 8)
    torch.testing.assert_close(together, alone)


def test_both_listen_to_the_time():
    for kind in (PlainDenoiser, TransformerDenoiser):
        run = asked(kind)
        assert ((run(slice(None)) - run(slice(None), late=500)).abs() > 1e-3).any()


@pytest.mark.parametrize(("channels", "size", "patch"), [(3, 8, 2), (1, 16, 4), (1, 4, 1)])
def test_a_transformer_takes_other_pictures_and_puts_patches_back_where_they_were(
    channels, size, patch
):
    model = TransformerDenoiser(channels, size, patch, width=8, depth=0)
    n = channels * patch**2
    model.enter, model.leave = torch.nn.Linear(n, n, bias=False), torch.nn.Identity()
    with torch.no_grad():
        model.enter.weight.copy_(torch.eye(n))
        model.place = torch.nn.Parameter(torch.zeros(1))
    x = noise(2, channels, size, size, seed=0, device="cpu")
    torch.testing.assert_close(model(x, torch.zeros(2).long()), x)


def test_a_size_that_patches_do_not_fill_is_refused():
    with pytest.raises(ValueError, match="multiple of 4, got 10"):
        TransformerDenoiser(size=10, patch=4)


def test_a_round_is_pytorchs_own_attention_and_a_small_network():
    torch.manual_seed(0)
    block, h, time = Round(8, n_heads=2), torch.randn(3, 5, 8), torch.randn(3, 1, 8)
    reference = torch.nn.MultiheadAttention(8, 2, batch_first=True)
    with torch.no_grad():
        reference.in_proj_weight.copy_(block.ask.weight)
        reference.in_proj_bias.copy_(block.ask.bias)
        reference.out_proj.weight.copy_(block.tell.weight)
        reference.out_proj.bias.copy_(block.tell.bias)
    told = h + F.linear(time, block.time.weight, block.time.bias)
    normal = F.layer_norm(told, (8,))
    looked = told + reference(normal, normal, normal)[0]
    truth = looked + block.think(F.layer_norm(looked, (8,)))
    torch.testing.assert_close(block(h, time), truth)


@pytest.mark.parametrize("t", [0, 20, 49])
def test_a_perfect_memory_knows_the_score_of_what_it_remembers(t):
    alpha_bar, points = cosine_alpha_bar(50).double(), moons()._replace(sigma=0.0)
    x_t = noise(40, 2, seed=0, device="cpu").double()
    eps_hat = Memory(points.centres, alpha_bar)(x_t, torch.full((40,), t))
    a = alpha_bar[t]
    truth = -(1 - a).sqrt() * points.noised(a.item()).score(x_t)
    torch.testing.assert_close(eps_hat, truth)


def test_a_perfect_memory_draws_nothing_but_what_it_remembers():
    x, alpha_bar = noise(9, 1, 4, 4, seed=1, device="cpu").tanh(), cosine_alpha_bar(200)
    drawn = ddim(Memory(x, alpha_bar), noise(20, 1, 4, 4, seed=2), alpha_bar, 100)
    far = torch.cdist(drawn.flatten(1), x.flatten(1)).min(dim=1)
    assert far.values.max() < 0.05 and len(far.indices.unique()) > 3


GUARDS = [
    (test_a_perfect_memory_knows_the_score_of_what_it_remembers, (20,), "models.memory", [
        ("- a * known.square()", "- a.sqrt() * known.square()"),
        ("(fits / (1 - a)).softmax(dim=1)", "(fits / (1 - a).sqrt()).softmax(dim=1)"),
        ("(x_t - a.sqrt() * x0_hat)", "(x_t - a * x0_hat)"),
    ]),
    (test_a_round_is_pytorchs_own_attention_and_a_small_network, (), "models.denoisers", [
        ("h = h + self.time(time)", "h = h * 1"),
        ("h = h + self.tell(", "h = self.tell("),
        ("query, key, value = asked", "key, query, value = asked"),
        ("seen.transpose(1, 2).flatten(2)", "seen.flatten(1).reshape(h.shape)"),
    ]),
    (test_both_listen_to_the_time, (), "models.denoisers", [
        ("(1), self.embed(t)]", "(1), 0 * self.embed(t)]"),
    ]),
]  # fmt: skip
