"""Runs of the ring are counted as said, and the verdicts follow the rules set beforehand."""

import copy

import pytest
import torch

from course_lib.data.points import ring
from course_lib.experiments import CROWDS, gan_cures, gan_modes, side_costs
from course_lib.experiments.gan_cures import FAMILIES, PARTS, TARGET, fresh, share_reaching
from course_lib.experiments.gan_verdicts import RATES, verdicts
from course_lib.experiments.ring_runs import Plan, count, train_and_count
from course_lib.metrics import energy_distance
from course_lib.recipes.cures import CURES, cure_recipe
from course_lib.runtime import noise


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")


def test_real_points_are_perfect_and_a_bell_misses_the_target():
    real = count(ring().sample(2500, seed=3).x, "ring")
    assert real["modes"] == 8 and real["near"] > 0.98 and real["reverse_kl"] < 0.01
    assert real["rarest"] > 1 / 16 and real["between"] == 0 and abs(real["distance"]) < 0.008
    bell = count(noise(2500, 2, seed=3, device="cpu") * 0.5**0.5, "ring")
    assert TARGET < bell["distance"] < 3 * TARGET and bell["between"] > 0.5


def test_one_lost_mode_can_be_told_and_two_neighbours_lost_miss_the_target():
    drawn = ring().sample(5000, seed=4)
    for lost in (1, 2):
        found = count(drawn.x[drawn.label >= lost], "ring")
        assert found["modes"] == 8 - lost and found["rarest"] == 0
        assert (found["distance"] > TARGET) == (lost == 2)


def test_who_overflowed_has_found_nothing():
    found = count(torch.full((2500, 2), float("nan")), "ring")
    assert found["modes"] == 0 and found["between"] == 1 and found["distance"] > 100


def test_runs_are_counted_by_rate_and_seed():
    seen = []

    def make(seed, rate):
        seen.append((rate, seed))
        return cure_recipe("plain", seed, rate)

    plan = Plan(seeds=(0, 1), rates=(1e-3, 1e-2), n_steps=3, batch_size=8)
    found = train_and_count(make, plan)
    assert seen == [(1e-3, 0), (1e-3, 1), (1e-2, 0), (1e-2, 1)]
    assert set(found) == {"0.001", "0.01", "seconds"}
    assert set(found["0.01"]) == {"first third", "second third", "latest", "average"}
    assert all(len(found["0.01"]["latest"][name]) == 2 for name in ("modes", "distance"))


def test_every_part_of_the_experiments_has_a_recipe():
    for part in PARTS:
        recipe = fresh(part, 0, 3e-3)
        rates = {p.param_groups[0]["lr"] for name, p in recipe.players.items() if "opt" in name}
        assert min(rates) == 3e-3
    assert set(PARTS) - set(FAMILIES) == {cure for cure in CURES if "Pac" not in cure}
    assert set(gan_modes.PUBLISHED) == set(gan_modes.PARTS)
    assert {"gan_cures", "gan_modes"} <= CROWDS.keys()


def runs(distance, modes=8, rarest=0.1, between=0.1):
    ten = {"modes": modes, "rarest": rarest, "between": between}
    distances = [distance + 0.001 * (k % 4) for k in range(10)]
    return {name: [value] * 10 for name, value in ten.items()} | {"distance": distances}


def made_up(**bad):
    """Return stored values in which all are good, but those named miss the target at some rates."""
    values = {}
    for part in ("plain", "VAE", "diffusion", "R1"):
        n_bad = bad.get(part, 0)
        values[part] = {
            rate: {"latest": runs(1.0, modes=5, rarest=0.0) if i < n_bad else runs(0.01)}
            for i, rate in enumerate(RATES)
        }
    for i, rate in enumerate(RATES):
        values["plain"][rate]["forger_loss"] = [float(i + k % 3) for k in range(10)]
    return values


def words(values):
    return {claim: found["verdict"] for claim, found in verdicts(values).items()}


def test_a_gan_as_steady_as_the_others_refutes_the_claims():
    found = words(made_up())
    assert [found[claim] for claim in ("21", "22", "48", "88")] == ["refuted"] * 4
    assert found["50"] == found["87"] == "confirmed"


def test_an_unsteady_gan_confirms_them_unless_a_cure_helps():
    assert share_reaching(made_up(plain=2)["plain"]) == pytest.approx(1 / 3)
    found = words(made_up(plain=2))
    assert found["21"] == "depends" and found["22"] == "confirmed"
    assert found["48"] == found["88"] == "confirmed"
    found = words(made_up(plain=2, R1=2))
    assert found["21"] == "confirmed"
    assert words(made_up(plain=2, VAE=2, R1=2))["48"] == "refuted"


def test_a_vae_with_bridges_depends_and_diffusion_without_a_mode_refutes():
    values = made_up()
    for rate in RATES:
        values["VAE"][rate]["latest"]["between"] = [0.3] * 10
        values["diffusion"][rate]["latest"]["rarest"] = [0.05] * 2 + [0.1] * 8
    assert words(values)["50"] == "depends" and words(values)["87"] == "refuted"


def test_a_loss_that_ranks_the_runs_makes_touchiness_depend():
    values = made_up(plain=1)
    assert words(values)["23"] in ("depends", "confirmed")
    ranked = copy.deepcopy(values)
    for rate in RATES:
        ranked["plain"][rate]["forger_loss"] = ranked["plain"][rate]["latest"]["distance"]
    assert words(ranked)["23"] == "depends"


def test_energy_distance_of_plain_numbers():
    x, y = torch.tensor([[0.0], [2.0]]), torch.tensor([[5.0], [6.0], [7.0]])
    assert energy_distance(x, y) == pytest.approx(2 * 5.0 - 2.0 - 4 / 3)
    with pytest.raises(ValueError, match=r"need points \(N, d\), \(M, d\)"):
        energy_distance(x, y[:1])


@pytest.mark.parametrize("family", ["vae", "gan", "diffusion"])
def test_four_times_the_pixels_cost_four_times_the_arithmetic(family):
    small, large = (side_costs.step_cost(family, side, 0, n_timed=0)["mflop"] for side in (8, 16))
    assert 3.9 < large / small < 4.1


def test_a_linear_layer_is_counted_by_hand():
    from torch.utils.flop_counter import FlopCounterMode

    layer, x = torch.nn.Linear(5, 3), torch.randn(7, 5)
    with FlopCounterMode(display=False) as counter:
        layer(x)
    assert counter.get_total_flops() == 2 * 7 * 5 * 3  # a multiplication and an addition each


def test_the_target_is_half_of_what_a_bell_gets():
    bells = []
    for seed in range(8):
        bell = noise(1000, 2, seed=seed, device="cpu") * (0.5 + 0.01**2) ** 0.5
        bells.append(energy_distance(bell, ring().sample(1000, seed=100 + seed).x))
    assert sum(bells) / 8 / 2 == pytest.approx(gan_cures.TARGET, rel=0.1)


GUARDS = [
    (test_energy_distance_of_plain_numbers, (), "metrics.distances", [
        ("2 * torch.cdist(x, y).mean() - own", "2 * torch.cdist(x, y).mean() + own"),
        ("(len(a) * (len(a) - 1))", "len(a) ** 2"),
    ]),
    (test_who_overflowed_has_found_nothing, (), "experiments.ring_runs", [
        ("full_like(x, 100.0)", "full_like(x, 0.9)"),
    ]),
    (test_one_lost_mode_can_be_told_and_two_neighbours_lost_miss_the_target, (),
     "experiments.ring_runs", [
        ("shares.min()", "shares.max()"),
    ]),
]  # fmt: skip
