"""The rules of the game: what each player sees and when it moves, and where nothing is squashed.

G1 to G9 and G14 of the course's list of mistakes seen in public GAN courses.
"""

import math
from collections import Counter
from contextlib import suppress

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_lib.data import Batch
from course_lib.losses import bce, critic_loss, critic_loss_of_forger
from course_lib.models import Discriminator, Generator
from course_lib.models.points import PointDiscriminator
from course_lib.recipes import digit_recipe, gan_step
from course_lib.recipes.steps import gan_players
from course_lib.recipes.witness import witnessed
from course_lib.sampling import decode
from course_lib.training import EMA, clip_weights

DIARY = [
    "forger paints",
    "detective judges real pictures",
    "detective judges forgeries, cut off",
    "detective forgets old slopes",
    "detective moves",
    "detective judges forgeries",
    "forger forgets old slopes",
    "forger moves",
]


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")


def players(lr=0.1):
    torch.manual_seed(0)
    G, D = Generator(), Discriminator()
    opt_G, opt_D = (torch.optim.SGD(p.parameters(), lr) for p in (G, D))
    return {"G": G, "D": D, "opt_G": opt_G, "opt_D": opt_D, "ema": EMA(G)}


def real_pictures(n=6):
    torch.manual_seed(1)
    return Batch(torch.rand(n, 1, 8, 8) * 2 - 1, torch.zeros(n, dtype=torch.int64))


def test_a_round_is_played_in_this_order_and_the_detective_is_asked_anew():
    stand_ins, diary = witnessed(players())
    with suppress(RuntimeError):  # PyTorch notices some wrong orders itself, and not all
        gan_step(real_pictures(), **stand_ins)
    assert diary == DIARY


def test_real_and_forged_pictures_never_share_a_pass():
    seen, cast = [], players()
    cast["D"].register_forward_pre_hook(lambda D, given: seen.append(len(given[0])))
    gan_step(real_pictures(6), **cast)
    assert seen == [6, 6, 6]  # not 12 at once: a batch norm would mix them


class StepsThroughTheOpenDoor(torch.optim.SGD):
    """The detective's optimizer, which looks at the forger's slopes before it moves."""

    def __init__(self, D, G):
        super().__init__(D.parameters(), 0.1)
        self.G, self.found = G, []

    def step(self):
        self.found += [p.grad for p in self.G.parameters()]
        super().step()


def test_the_detectives_lesson_does_not_reach_the_forger():
    cast = players()
    cast["opt_D"] = StepsThroughTheOpenDoor(cast["D"], cast["G"])
    gan_step(real_pictures(), **cast)
    assert cast["opt_D"].found and all(slope is None for slope in cast["opt_D"].found)


def test_slopes_left_by_the_forgers_move_do_not_push_the_detective():
    clean, dirty = players(), players()
    for p in dirty["D"].parameters():
        p.grad = torch.full_like(p, 1e3)
    for cast in (clean, dirty):
        torch.manual_seed(2)
        gan_step(real_pictures(), **cast)
    torch.testing.assert_close(clean["D"].state_dict(), dirty["D"].state_dict())


def test_each_optimizer_of_the_game_holds_one_player_and_all_of_it():
    fresh = gan_players(Generator(), Discriminator(), 1e-3, (0.0, 0.99), 0.995)
    for cast in (fresh, digit_recipe("gan", 0).players):
        held = [{p for g in cast[o].param_groups for p in g["params"]} for o in ("opt_G", "opt_D")]
        own = [set(cast["G"].parameters()), set(cast["D"].parameters())]
        assert all(a == b for a, b in zip(held, own, strict=True))


class Even(nn.Module):
    """A detective who cannot tell."""

    def __init__(self):
        super().__init__()
        self.score = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return self.score + 0 * x.flatten(1).sum(dim=1, keepdim=True)


@pytest.mark.parametrize("n", [64, 5, 1])  # a ragged last batch needs nothing special
def test_at_one_half_the_losses_are_2_log_2_and_log_2_for_any_batch(n):
    assert bce(torch.zeros(n, 1), 1.0).item() == pytest.approx(math.log(2))
    cast = players(lr=0.0)
    cast["D"] = Even()
    cast["opt_D"] = torch.optim.SGD(cast["D"].parameters(), 0.0)
    found = gan_step(real_pictures(n), **cast)
    assert found["detective"].item() == pytest.approx(2 * math.log(2))
    assert found["forger"].item() == pytest.approx(math.log(2))


@pytest.mark.parametrize("family", ["Discriminator", "PointDiscriminator"])
def test_no_detective_ends_in_a_sigmoid(family):
    torch.manual_seed(0)
    D = {"Discriminator": Discriminator, "PointDiscriminator": PointDiscriminator}[family]()
    with torch.no_grad():
        D.net[-1].bias.fill_(-3.0)  # "fake", for sure: a squashed score could not go below 0
    shape = (1, 8, 8) if family == "Discriminator" else (2,)
    assert D(torch.zeros(4, *shape)).max() < 0
    assert isinstance(D.net[-1], nn.Linear)


def test_what_the_detective_sees_lies_in_one_range_real_or_forged():
    cast, seen = players(), []
    cast["D"].register_forward_pre_hook(lambda D, given: seen.append(given[0].abs().max()))
    with torch.no_grad():
        cast["G"].net[-2].weight.mul_(100)  # a wild forger
    gan_step(real_pictures(), **cast)
    assert len(seen) == 3 and max(seen) <= 1


def test_only_the_range_stands_after_the_forgers_last_layer():
    last_two = [type(part) for part in Generator().net[-2:]]
    assert last_two == [nn.ConvTranspose2d, nn.Tanh]


def test_the_forger_paints_each_picture_on_its_own_in_training_too():
    torch.manual_seed(0)
    G, z = Generator().train(), torch.randn(4, 16)
    torch.testing.assert_close(G(z)[:1], G(z[:1]), atol=1e-5, rtol=1e-4)


def test_drawing_is_done_in_eval_mode_and_training_goes_on_in_its_own():
    G, modes = Generator().train(), []
    G.register_forward_hook(lambda part, given, out: modes.append(part.training))
    decode(G, torch.randn(2, 16))
    assert modes == [False] and G.training


def test_a_critic_is_paid_for_the_gap_between_the_means():
    torch.manual_seed(0)
    real, fake = torch.randn(7, 1) + 3, torch.randn(5, 1)
    gap = real.mean() - fake.mean()
    torch.testing.assert_close(critic_loss(real, fake), -gap)
    torch.testing.assert_close(critic_loss_of_forger(fake), -fake.mean())


def test_a_clipped_critic_finds_the_distance_between_two_points_as_far_as_it_may_stretch():
    """On a line, with |w| <= 0.5, the best critic of 0 and 3 reaches 0.5 * 3: Kantorovich."""
    torch.manual_seed(0)
    critic = nn.Linear(1, 1)
    opt = torch.optim.SGD(critic.parameters(), 0.1)
    real, fake = torch.full((4, 1), 3.0), torch.zeros(4, 1)
    for _ in range(50):
        loss = critic_loss(critic(real), critic(fake))
        opt.zero_grad()
        loss.backward()
        opt.step()
        clip_weights(critic, 0.5)
    assert critic.weight.item() == pytest.approx(0.5)
    assert critic_loss(critic(real), critic(fake)).item() == pytest.approx(-1.5)


@pytest.mark.parametrize("limit", [0.0, -1.0])
def test_a_limit_that_leaves_no_weights_is_refused(limit):
    with pytest.raises(ValueError, match="limit must be above 0, got"):
        clip_weights(nn.Linear(1, 1), limit)


def test_the_diary_tells_cut_off_forgeries_from_others_and_notices_what_is_neither():
    cast, diary = witnessed(players())
    fake = cast["G"](torch.randn(3, 16))
    for given in (fake, fake.detach(), torch.zeros(3, 1, 8, 8), fake * 1.0):
        cast["D"](given)
    said = [line.removeprefix("detective judges ") for line in diary[1:]]
    assert said == ["forgeries", "forgeries, cut off", "real pictures", "something else"]


def test_a_stand_in_plays_as_its_player_does():
    plain, stood_in = players(), players()
    for cast in (plain, witnessed(stood_in)[0]):
        torch.manual_seed(2)
        gan_step(real_pictures(), **cast)
    for name in ("G", "D"):
        torch.testing.assert_close(plain[name].state_dict(), stood_in[name].state_dict())


def test_both_losses_of_the_forger_pull_the_same_way_and_only_one_is_steep():
    score = torch.tensor([[-5.0]], requires_grad=True)
    steep, flat = (torch.autograd.grad(loss, score)[0].item()
                   for loss in (bce(score, 1.0), -bce(score, 0.0)))  # fmt: skip
    p = torch.sigmoid(torch.tensor(-5.0)).item()
    assert steep == pytest.approx(p - 1, abs=1e-6) and flat == pytest.approx(-p, abs=1e-6)
    assert Counter([steep < 0, flat < 0]) == {True: 2}
    torch.testing.assert_close(-bce(score, 0.0), -F.softplus(score).mean())


GUARDS = [
    (test_a_round_is_played_in_this_order_and_the_detective_is_asked_anew, (), "recipes.steps", [
        ("bce(D(batch.x), 1.0) + bce(D(fake.detach()), 0.0)",
         "bce(D(fake.detach()), 0.0) + bce(D(batch.x), 1.0)"),
        ("g_loss = bce(D(fake), 1.0)", "g_loss = bce(D(1.0 * fake), 1.0)"),
        ("descend(d_loss, opt_D)\n    g_loss = bce(D(fake), 1.0)",
         "g_loss = bce(D(fake), 1.0)\n    descend(d_loss, opt_D)"),
    ]),
    (test_the_detectives_lesson_does_not_reach_the_forger, (), "recipes.steps", [
        ("D(fake.detach()), 0.0)\n    descend(d_loss, opt_D)\n    g_loss",
         "D(fake), 0.0)\n    descend(d_loss, opt_D)\n    fake = G(z)\n    g_loss"),
    ]),
    (test_real_and_forged_pictures_never_share_a_pass, (), "recipes.steps", [
        ("d_loss = bce(D(batch.x), 1.0) + bce(D(fake.detach()), 0.0)",
         "a, b = D(torch.cat([batch.x, fake.detach()])).chunk(2)\n"
         "    d_loss = bce(a, 1.0) + bce(b, 0.0)"),
    ]),
    (test_each_optimizer_of_the_game_holds_one_player_and_all_of_it, (), "recipes.steps", [
        ("opt_G = torch.optim.Adam(G.", "opt_G = torch.optim.Adam(D."),
        ("opt_D = torch.optim.Adam(D.", "opt_D = torch.optim.Adam(G."),
    ]),
    (test_at_one_half_the_losses_are_2_log_2_and_log_2_for_any_batch, (5,), "losses", [
        ("F.softplus(logit).mean() - target", "F.softplus(logit).sum() / 64 - target"),
    ]),
    (test_no_detective_ends_in_a_sigmoid, ("Discriminator",), "models.gan", [
        ("        return self.net(x)", "        return self.net(x).sigmoid()"),
    ]),
    (test_no_detective_ends_in_a_sigmoid, ("PointDiscriminator",), "models.points", [
        ("        return self.net(x)", "        return self.net(x).sigmoid()"),
    ]),
    (test_what_the_detective_sees_lies_in_one_range_real_or_forged, (), "models.gan", [
        ("nn.Tanh(),  # into", "nn.Identity(),  # into"),
    ]),
    (test_only_the_range_stands_after_the_forgers_last_layer, (), "models.gan", [
        ("nn.Tanh(),  # into", "nn.GroupNorm(1, channels),\n            nn.Tanh(),  # into"),
    ]),
    (test_the_forger_paints_each_picture_on_its_own_in_training_too, (), "models.gan", [
        ("nn.GroupNorm(8, 4 * width)", "nn.BatchNorm2d(4 * width)"),
        ("nn.GroupNorm(8, 2 * width)", "nn.BatchNorm2d(2 * width)"),
    ]),
    (test_drawing_is_done_in_eval_mode_and_training_goes_on_in_its_own, (), "sampling.one_pass", [
        ("with evaluating(model):", "with torch.no_grad():"),
    ]),
    (test_a_critic_is_paid_for_the_gap_between_the_means, (), "losses", [
        ("fake_score.mean() - real_score.mean()", "real_score.mean() - fake_score.mean()"),
        ("return -fake_score.mean()", "return fake_score.mean()"),
        ("fake_score.mean() - real_score.mean()", "bce(fake_score, 0.0) + bce(real_score, 1.0)"),
    ]),
    (test_a_clipped_critic_finds_the_distance_between_two_points_as_far_as_it_may_stretch, (),
     "training", [
        ("weight.clamp_(-limit, limit)", "pass"),
        ("weight.clamp_(-limit, limit)", "weight.clamp_(-limit, 2 * limit)"),
    ]),
    (test_the_diary_tells_cut_off_forgeries_from_others_and_notices_what_is_neither, (),
     "recipes.witness", [
        ('return "forgeries, cut off"', 'return "forgeries"'),
        ("if any(given is painting for painting in self.paintings):", "if False:"),
    ]),
    (test_a_stand_in_plays_as_its_player_does, (), "recipes.witness", [
        ("        self.optimizer.step()", "        pass"),
    ]),
]  # fmt: skip
