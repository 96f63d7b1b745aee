"""Translators, their detective and their steps, against what can be worked out by hand."""

from copy import deepcopy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_lib.data import Batch
from course_lib.losses import bce
from course_lib.models.translators import PatchDiscriminator, Translator
from course_lib.recipes.translation import (
    paired_players,
    paired_step,
    unpaired_players,
    unpaired_step,
)
from course_lib.runtime import generator


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")


def pictures(n, channels=3, seed=0):
    return torch.rand(n, channels, 32, 32, generator=generator(seed)) * 1.8 - 0.9


def plain_steps(players):
    """Let the players go straight downhill: Adam's first step blows up the tiniest differences."""
    for name, opt in players.items():
        if name.startswith("opt"):
            players[name] = torch.optim.SGD(opt.param_groups[0]["params"], lr=0.1)
    return players


def flat(network):
    return torch.cat([p.detach().flatten() for p in network.parameters()])


@pytest.mark.parametrize("channels", [1, 3])
def test_a_translator_turns_any_picture_into_one_in_colour_and_in_range(channels):
    torch.manual_seed(0)
    G = Translator(channels, width=8)
    for side in (16, 32):
        x_hat = G(50 * pictures(2, channels)[..., :side, :side])
        assert x_hat.shape == (2, 3, side, side) and x_hat.abs().max() <= 1


def test_who_keeps_the_picture_begins_with_it():
    torch.manual_seed(0)
    G, x = Translator(width=8, keep=True), pictures(2)
    nn.init.zeros_(G.leave.weight)
    nn.init.zeros_(G.leave.bias)
    torch.testing.assert_close(G(x), 0.97 * x)
    G.keep = False
    assert not G(x).any()


def test_what_the_translator_paints_at_one_place_depends_on_the_whole_picture():
    torch.manual_seed(0)
    G, x = Translator(width=8), pictures(1).requires_grad_()
    G(x)[0, :, 16, 16].sum().backward()
    seen = (x.grad[0].abs().sum(0) > 0).nonzero()
    assert seen.min(0).values.tolist() == [0, 0] and seen.max(0).values.tolist() == [31, 31]


def test_a_patch_score_sees_28_pixels_either_way_and_no_more():
    torch.manual_seed(0)
    D, x = PatchDiscriminator(width=8).eval(), pictures(1).requires_grad_()
    score = D(x)
    assert score.shape == (1, 1, 8, 8)
    score[0, 0, 4, 4].backward()
    seen = (x.grad[0].abs().sum(0) > 0).nonzero()
    assert (seen.max(0).values - seen.min(0).values + 1).tolist() == [28, 28]


def test_bad_sizes_are_named():
    with pytest.raises(ValueError, match="width must be a multiple of 8, got 12"):
        Translator(width=12)
    with pytest.raises(ValueError, match="only a picture of 3 channels can be kept, got 1"):
        Translator(channels=1, keep=True)
    with pytest.raises(ValueError, match="size must be a multiple of 8, got 20"):
        Translator(width=8)(pictures(1)[..., :20])


def test_without_a_detective_the_step_goes_down_the_mean_absolute_error():
    players = plain_steps(paired_players(3, 0, width=8))
    pairs = Batch(pictures(4), pictures(4, seed=1))
    G, D = deepcopy(players["G"]), flat(players["D"])
    loss = F.l1_loss(G(pairs.x), pairs.label)
    said = paired_step(pairs, weight=0.0, **players)
    torch.testing.assert_close(said["error"], loss)
    opt = torch.optim.SGD(G.parameters(), 0.1)
    loss.backward()
    opt.step()
    torch.testing.assert_close(flat(players["G"]), flat(G))
    assert torch.equal(flat(players["D"]), D)


def test_with_a_detective_he_moves_first_and_the_forger_pays_error_and_verdict():
    players = plain_steps(paired_players(3, 0, width=8))
    pairs = Batch(pictures(4), pictures(4, seed=1))
    G, D = deepcopy(players["G"]), deepcopy(players["D"])
    opt_G, opt_D = (torch.optim.SGD(net.parameters(), 0.1) for net in (G, D))
    said = paired_step(pairs, weight=0.3, **players)
    fake = G(pairs.x)
    true_pair, fake_pair = (torch.cat([pairs.x, y], 1) for y in (pairs.label, fake))
    d_loss = F.binary_cross_entropy_with_logits(D(true_pair), torch.ones(4, 1, 8, 8))
    d_loss += F.binary_cross_entropy_with_logits(D(fake_pair.detach()), torch.zeros(4, 1, 8, 8))
    d_loss.backward()
    opt_D.step()
    verdict = F.binary_cross_entropy_with_logits(D(fake_pair), torch.ones(4, 1, 8, 8))
    (F.l1_loss(fake, pairs.label) + 0.3 * verdict).backward()
    opt_G.step()
    torch.testing.assert_close(said["detective"], d_loss)
    torch.testing.assert_close(flat(players["D"]), flat(D))
    torch.testing.assert_close(flat(players["G"]), flat(G))
    assert all(p.requires_grad for p in players["D"].parameters())


def named(players, *names):
    return [players[name] for name in names]


@pytest.mark.parametrize("cycle", [10.0, 0.0])
def test_both_translators_pay_both_detectives_and_both_round_trips(cycle):
    players = plain_steps(unpaired_players(0, width=8))
    heaps = Batch(pictures(3), pictures(3, seed=1))
    nets = ("there", "back", "D_there", "D_back")
    there, back, D_there, D_back = deepcopy(named(players, *nets))
    opt_G = torch.optim.SGD([*there.parameters(), *back.parameters()], 0.1)
    opt_D = torch.optim.SGD([*D_there.parameters(), *D_back.parameters()], 0.1)
    said = unpaired_step(heaps, cycle=cycle, **players)
    a, b = heaps.x, heaps.label
    fake_b, fake_a = there(a), back(b)
    seen = bce(D_there(b), 1.0) + bce(D_there(fake_b.detach()), 0.0)
    (seen + bce(D_back(a), 1.0) + bce(D_back(fake_a.detach()), 0.0)).backward()
    opt_D.step()
    opt_G.zero_grad()
    lost = F.l1_loss(back(fake_b), a) + F.l1_loss(there(fake_a), b)
    (bce(D_there(fake_b), 1.0) + bce(D_back(fake_a), 1.0) + cycle * lost).backward()
    opt_G.step()
    torch.testing.assert_close(said["lost"], lost if cycle else torch.tensor(0.0))
    for ours, theirs in zip(named(players, *nets), (there, back, D_there, D_back), strict=True):
        torch.testing.assert_close(flat(ours), flat(theirs))


def test_a_copy_of_the_players_trains_on_its_own():
    players, pairs = paired_players(3, 0, width=8), Batch(pictures(4), pictures(4, seed=1))
    paired_step(pairs, weight=0.1, **players)
    copy, before = deepcopy(players), flat(players["G"])
    paired_step(pairs, weight=0.1, **copy)
    assert torch.equal(flat(players["G"]), before) and not torch.equal(flat(copy["G"]), before)
    paired_step(pairs, weight=0.1, **players)
    torch.testing.assert_close(flat(players["G"]), flat(copy["G"]))


def test_a_gain_multiplies_the_score_and_the_pace_is_a_multiple_of_the_forgers():
    x, scores = pictures(2, channels=6), []
    for gain in (1.0, 10.0):
        torch.manual_seed(0)
        scores.append(PatchDiscriminator(6, gain=gain).eval()(x))
    torch.testing.assert_close(10 * scores[0], scores[1])
    weak, strong = paired_players(3, seed=0), paired_players(3, seed=0, gain=10.0, faster=0.2)
    assert weak["D"].gain == 1 and strong["D"].gain == 10
    rates = [{w: p[f"opt_{w}"].param_groups[0]["lr"] for w in "GD"} for p in (weak, strong)]
    assert rates[0]["D"] == 2 * rates[0]["G"] and rates[1]["D"] == 0.2 * rates[1]["G"]


GUARDS = [
    (test_a_gain_multiplies_the_score_and_the_pace_is_a_multiple_of_the_forgers, (),
     "models.translators", [
        ("self.gain * self.net", "self.net"),
    ]),
    (test_who_keeps_the_picture_begins_with_it, (), "models.translators", [
        ("torch.atanh(NEARLY * x)", "NEARLY * x"),
    ]),
    (test_a_patch_score_sees_28_pixels_either_way_and_no_more, (), "models.translators", [
        ("nn.Conv2d(2 * width, 1, 3, padding=1)", "nn.Conv2d(2 * width, 1, 1)"),
    ]),
    (test_with_a_detective_he_moves_first_and_the_forger_pays_error_and_verdict, (),
     "recipes.translation", [
        ("torch.cat([batch.x, fake], dim=1)", "torch.cat([fake, batch.x], dim=1)"),
        ("error + weight * bce", "weight * error + bce"),
        ("bce(D(real_pair), 1.0) + bce(D(fake_pair.detach()), 0.0)",
         "bce(D(real_pair), 0.0) + bce(D(fake_pair.detach()), 1.0)"),
    ]),
    (test_both_translators_pay_both_detectives_and_both_round_trips, (10.0,),
     "recipes.translation", [
        ("(back(fake_b) - a).abs()", "(back(fake_b) - b).abs()"),
        ("(there(fake_a) - b).abs().mean()", "(there(fake_a) - b).square().mean()"),
        ("bce(D_there(fake_b), 1.0) + bce(D_back(fake_a), 1.0)",
         "bce(D_there(fake_a), 1.0) + bce(D_back(fake_b), 1.0)"),
    ]),
]  # fmt: skip
