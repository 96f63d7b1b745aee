"""What the experiments on the GAN at work count is counted right, where the truth is known."""

import pytest
import torch

from course_lib.data import Batch, load
from course_lib.experiments import augment, augment_gan
from course_lib.experiments.forgeries import detector, rounded
from course_lib.experiments.gan_control import added_share, granted, lacking, leaning, read
from course_lib.metrics import auc
from course_lib.metrics.handwriting import handwriting
from course_lib.models import Discriminator, Generator
from course_lib.recipes import told_gan_step
from course_lib.recipes.told_gan import told_gan_players
from course_lib.runtime import noise
from course_lib.training import EMA, fit


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")


def test_one_round_moves_the_detective_and_then_the_forger_each_told_the_same():
    torch.manual_seed(0)
    said = []

    class Deaf(torch.nn.Module):
        """A player that notes what it is told, and plays as the untold one does."""

        def __init__(self, player):
            super().__init__()
            self.player, self.latent_dim = player, 16

        def forward(self, x, told):
            said.append(told)
            return self.player(x)

    G, D, label = Deaf(Generator()), Deaf(Discriminator()), torch.arange(6)[:, None]
    batch = Batch(torch.rand(6, 1, 8, 8) * 2 - 1, label)
    sgd = [torch.optim.SGD(player.parameters(), 0.1) for player in (G, D)]
    before = [p.clone() for player in (G, D) for p in player.parameters()]
    found = told_gan_step(batch, G, D, *sgd, EMA(G))
    assert len(said) == 4 and all(told is label for told in said)
    assert found["detective"].item() == pytest.approx(1.386, abs=0.5)
    after = [p for player in (G, D) for p in player.parameters()]
    assert all((a != b).any() for a, b in zip(before, after, strict=True))


def test_the_told_gan_trains_from_its_seed():
    drawn = []
    for seed in (0, 0, 1):
        players, train = told_gan_players(seed), load("digits").train
        batches = iter([Batch(train.x[:16], train.label[:16, None])] * 2)
        assert len(fit(told_gan_step, batches, 2, **players)["forger"]) == 2
        drawn.append(players["ema"].model(torch.ones(3, 16), torch.tensor([[0], [1], [2]])))
    torch.testing.assert_close(drawn[0], drawn[1])
    assert not torch.allclose(drawn[0], drawn[2]) and not torch.allclose(*drawn[0][:2])


def test_telling_adds_a_longer_first_layer_and_two_tables():
    first, tables = 16 * 256, 11 * 16 + 11 * 256
    untold = sum(p.numel() for net in (Generator(), Discriminator()) for p in net.parameters())
    assert added_share() == pytest.approx((first + tables) / untold)


def test_real_digits_are_what_they_are_and_one_in_ten_leans():
    data = load("digits", "cpu")
    x, label = data.train.x, data.train.label
    assert granted("class", data.test.x, data.test.label).double().mean() > 0.97
    assert not granted("class", x, (label + 1) % 10).any()
    assert 0.09 < granted("rare", x, label).double().mean() < 0.12
    upright = handwriting(x).slant < leaning()[label]
    assert not granted("rare", x[upright], label[upright]).any()


def test_what_lacks_is_cross_entropy_and_for_the_rare_wish_the_slant():
    x, label = load("digits", "cpu").test.x[:20], torch.full((20,), 3)
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 10))
    plain = -net(x).log_softmax(dim=1)[:, 3]
    torch.testing.assert_close(lacking("class", label, net)(x), plain)
    extra = lacking("rare", label, net)(x) - plain
    short = (leaning()[3] - handwriting(x).slant).clamp(min=0)
    torch.testing.assert_close(extra, 10 * short, atol=1e-4, rtol=1e-4)


def test_a_reader_reads_what_stands_there_and_nothing_else():
    z, n = noise(1500, 4, seed=0, device="cpu"), 1000
    label = (z[:, 0] > 0).long() + 2 * (z[:, 1] > 0).long()
    x = torch.full((1500, 1, 8, 8), -1.0)
    x[:, 0, 3, 3] = (0.1 * z[:, 2]).clamp(-1, 1)
    found = read(z, x, label, n)
    assert found["class"] > 0.97 and found["ink"] > 0.99
    blind = read(noise(1500, 4, seed=1, device="cpu"), x, label, n)
    assert blind["class"] < 0.35 and blind["ink"] < 0.05


def test_rounding_leaves_real_digits_alone_and_makes_others_alike():
    x = load("digits", "cpu").test.x
    torch.testing.assert_close(rounded(x), x)
    made = rounded(noise(50, 1, 8, 8, seed=0, device="cpu").tanh())
    assert set(((made + 1) * 8).unique().tolist()) <= set(range(17))


def test_a_detector_is_blind_to_real_digits_and_sees_noise():
    data = load("digits", "cpu")
    score = detector(data.train.x[:500], data.train.x[500:1000])
    assert auc(score(data.test.x), score(data.validation.x)).value == pytest.approx(0.5, abs=0.06)
    static = noise(800, 1, 8, 8, seed=0, device="cpu").tanh()
    score = detector(data.train.x[:500], static[:500])
    assert auc(score(data.test.x), score(static[500:])).value > 0.999


def test_made_up_digits_carry_the_label_asked_for_or_the_name_given(monkeypatch):
    monkeypatch.setattr(augment_gan, "N_STEPS", 2)
    few = augment.few_of_each(load("digits").train, 20, seed=0)
    asked, named = augment_gan.as_asked(few, 0), augment_gan.named(few, 0)
    assert asked.x.shape == named.x.shape == (2000, 1, 8, 8)
    assert asked.label.bincount().tolist() == [200] * 10
    assert named.label.shape == (2000,) and not torch.equal(asked.label, named.label)


def test_a_way_without_maker_is_the_same_whoever_else_takes_part():
    told = {"copies": lambda few, seed: few}
    alone = augment.measure(0, (20,), ("none",))
    both = augment.measure(0, (20,), ("none", "copies"), told)
    assert both["20"]["none"] == alone["20"]["none"] and both["20"]["copies"] > 0.8


GUARDS = [
    (test_real_digits_are_what_they_are_and_one_in_ten_leans, (), "experiments.gan_control", [
        ("right & (handwriting(x).slant >= leaning()[label]).cpu()", "right"),
        ("slant >= leaning", "slant < leaning"),
    ]),
    (test_what_lacks_is_cross_entropy_and_for_the_rare_wish_the_slant, (),
     "experiments.gan_control", [
        ("F.relu(steep - handwriting", "F.relu(handwriting(x).slant - steep + 0 * handwriting"),
    ]),
    (test_a_reader_reads_what_stands_there_and_nothing_else, (), "experiments.gan_control", [
        ("reader.score(z[n:].numpy(), label[n:].numpy())",
         "reader.score(z[n:].numpy(), label[:-n].numpy())"),
    ]),
    (test_rounding_leaves_real_digits_alone_and_makes_others_alike, (), "experiments.forgeries", [
        ("((x + 1) * 8).round() / 8 - 1", "((x + 1) * 7).round() / 7 - 1"),
    ]),
]  # fmt: skip
