"""The comparison counts what it says it counts, trains, and writes its page. Nothing is timed."""

import importlib.util
import time

import pytest
import torch
from torch import nn

from course_lib import results
from course_lib.__main__ import main
from course_lib.bench import costs, growth, measure
from course_lib.bench.contenders import our, peer
from course_lib.bench.costs import flops_of, matrix_peak, peak_bytes, seconds_for
from course_lib.bench.page import TARGETS, claims
from course_lib.bench.peers import ExampleVAE, dcgan_discriminator, dcgan_generator
from course_lib.data import Batch, Dataset
from course_lib.recipes.pictures import JOBS, picture_job
from course_lib.runtime import generator

TINY = growth.Sizes(60, 50, (2,), 2, (8, 16), (1, 2), (1, 3), 16, 0.0, 1)
HAS_DIFFUSERS = importlib.util.find_spec("diffusers") is not None


def pictures(n, seed):
    x = torch.rand(n, 1, 32, 32, generator=generator(seed)) * 2 - 1
    return Batch(x, torch.arange(n) % 10)


@pytest.fixture(autouse=True)
def small_world(tmp_path, monkeypatch):
    """No photographs, no repository: noise to learn from, and an empty folder to write into."""
    data = Dataset("fashion", *(pictures(n, n) for n in (150, 80, 81)), ())
    for room in ("bench.measure", "bench.contenders", "recipes.pictures"):
        monkeypatch.setattr(f"course_lib.{room}.load", lambda *words: data)
    monkeypatch.setattr("course_lib.recipes.pictures.SETTINGS", {
        "vae": {"patch": 2, "width": 8, "latent_dim": 4, "n_clouds": 2},
        "gan": {"patch": 2, "width": 8, "latent_dim": 4},
        "diffusion": {"patch": 4, "width": 8, "depth": 1},
    })  # fmt: skip
    monkeypatch.setattr(results, "STORED", tmp_path / "stored")
    monkeypatch.setattr(measure.measure_family, "__defaults__", (print, TINY))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COURSE_DEVICE", "cpu")


def n_parameters(network):
    return sum(p.numel() for p in network.parameters())


def test_the_peers_have_the_sizes_of_the_examples():
    vae = (784 * 400 + 400) + 2 * (400 * 20 + 20) + (20 * 400 + 400) + (400 * 784 + 784)
    assert n_parameters(ExampleVAE()) == vae == 652_824
    G = 16 * (100 * 256 + 256 * 128 + 128 * 64 + 64) + 2 * (256 + 128 + 64)
    assert n_parameters(dcgan_generator()) == G == 1_066_880
    D = 16 * (64 + 64 * 128 + 128 * 256 + 256) + 2 * (128 + 256)
    assert n_parameters(dcgan_discriminator()) == D == 661_248


def test_the_peers_turn_noise_into_pictures_and_pictures_into_scores():
    z, x = torch.randn(3, 100, generator=generator(0)), pictures(3, 0).x
    assert dcgan_generator()(z).shape == (3, 1, 32, 32)
    assert dcgan_discriminator()(x).shape == (3, 1)
    drawn = ExampleVAE().decode(z[:, :20])
    assert drawn.shape == (3, 1, 32, 32) and drawn.abs().max() <= 1
    frame = torch.ones(32, 32, dtype=torch.bool)
    frame[2:-2, 2:-2] = False
    assert (drawn[:, :, frame] == -1).all() and (drawn[:, :, ~frame] > -1).all()


def test_dcgan_begins_with_weights_of_standard_deviation_002():
    torch.manual_seed(0)
    weight = dcgan_generator()[1].weight
    assert weight.std().item() == pytest.approx(0.02, rel=0.01)


@pytest.mark.skipif(not HAS_DIFFUSERS, reason="diffusers is not installed: pip install '.[bench]'")
def test_the_peer_from_diffusers_learns_and_draws():
    one = peer("diffusion", 0)
    batch = next(one.job.batches(0, 0))
    before = next(one.job.model.parameters()).clone()
    assert 0.5 < one.job.step(batch, **one.job.players)["loss"] < 3
    assert not torch.equal(next(one.job.model.parameters()), before)
    drawn = one.draw(2, 0, 2)
    assert drawn.shape == (2, 1, 32, 32) and drawn.abs().max() <= 1
    torch.testing.assert_close(drawn, one.draw(2, 0, 2))


@pytest.mark.parametrize("make", [our, peer])
@pytest.mark.parametrize("family", ["vae", "gan"])
def test_a_contender_learns_from_its_seed_and_draws_from_another(make, family):
    drawn = []
    for seed in (0, 0, 1):
        one = make(family, seed)
        assert len(next(one.job.batches(0, 0)).x) == one.batch_size
        one.job.step(next(one.job.batches(0, 0)), **one.job.players)
        drawn.append(one.draw(3, 7, one.passes))
    assert drawn[0].shape == (3, 1, 32, 32) and drawn[0].abs().max() <= 1
    torch.testing.assert_close(drawn[0], drawn[1])
    assert not torch.allclose(drawn[0], drawn[2])


def test_only_our_gan_and_diffusion_are_told_what_they_see():
    assert [our(family, 0).told for family in JOBS] == [False, True, True]
    assert not peer("vae", 0).told and not peer("gan", 0).told


@pytest.mark.parametrize("family", JOBS)
@pytest.mark.parametrize("size", [8, 16, 64])
def test_networks_can_be_built_for_another_side(family, size):
    job = picture_job(family, "fashion", 0, size)
    assert job.config["size"] == size and job.config["patch"] == (
        1 if size == 8 else {"vae": 2, "gan": 2, "diffusion": 4}[family]
    )


def test_a_matrix_product_counts_two_operations_for_each_product_of_numbers():
    a, b = torch.ones(3, 5), torch.ones(5, 7)
    assert flops_of(lambda: a @ b) == 2 * 3 * 5 * 7
    layer, x = nn.Linear(5, 7, bias=False), torch.ones(3, 5, requires_grad=True)
    assert flops_of(lambda: layer(x).sum().backward()) == 3 * 2 * 3 * 5 * 7  # forward, two back


def test_the_peak_is_operations_over_seconds(monkeypatch):
    monkeypatch.setattr(costs, "seconds_for", lambda action, least, rounds: 0.5)
    assert matrix_peak(torch.float32, 64, 0.2, 3) == 2 * 64**3 / 0.5


def test_the_quickest_round_counts(monkeypatch):
    clock = iter([0.0, 4.0, 10.0, 11.0, 20.0, 22.0])
    monkeypatch.setattr(time, "process_time", lambda: next(clock))
    assert seconds_for(lambda: None, least=1.0, rounds=3) == 1.0


def test_quick_calls_share_a_round(monkeypatch):
    clock = iter([0.0, 0.25, 0.5, 0.75, 1.0])
    monkeypatch.setattr(time, "process_time", lambda: next(clock))
    calls = []
    assert seconds_for(lambda: calls.append(1), least=1.0, rounds=1) == 0.25
    assert len(calls) == 5  # one of them cold


def test_the_peak_of_memory_is_what_lives_at_once():
    x = torch.ones(1000)  # 4,000 bytes that were there before

    def one_after_the_other():
        for _ in range(5):
            y = x + 1
            del y

    def all_at_once():
        return [x + 1 for _ in range(5)]

    assert peak_bytes(one_after_the_other) == 4000
    assert peak_bytes(all_at_once) == 20_000
    assert peak_bytes(lambda: x.view(10, 100).add_(1)) == 0  # a view, written in place
    assert peak_bytes(lambda: torch.zeros(250, dtype=torch.float64)) == 2000


def test_what_is_kept_for_the_way_back_counts():
    x = torch.ones(1000, requires_grad=True)
    kept = peak_bytes(lambda: x.exp().exp().exp().sum().backward())
    with torch.no_grad():
        assert peak_bytes(lambda: x.exp().exp().exp().sum()) < 3 * 4000 <= kept


@pytest.mark.parametrize(("make", "rates"), [(our, "annealed"), (peer, "kept")])
def test_training_ends_after_its_seconds_and_only_ours_anneals(make, rates, monkeypatch):
    clock = iter([10.0, 10.0, 11.0, 12.0, 13.0, 14.0, 14.5])
    one = make("vae", 0)
    began = one.job.players["opt"].param_groups[0]["lr"]
    batches = one.job.batches
    one = one._replace(job=one.job._replace(batches=batches, settle=lambda: None))
    monkeypatch.setattr(measure.time, "process_time", lambda: next(clock))
    assert measure.train_for(one, 5.0, seed=0, reserve=1.0) == (4, 4.0, 0.5)
    ended = one.job.players["opt"].param_groups[0]["lr"]
    assert ended == pytest.approx(began * (0.5 * (1 - 0.5**0.5) if rates == "annealed" else 1))


@pytest.mark.filterwarnings("ignore:.*samples are few:UserWarning")
@pytest.mark.parametrize("family", ["vae", "gan", "diffusion"])
def test_the_command_measures_stores_and_writes_its_page(family, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("course_lib.bench.contenders.find_spec", lambda name: None)
    words = ["bench", "--only", family, "--seconds", "0.05", "--out", str(tmp_path / "b.md")]
    assert main(words) == 0
    found = results.stored(f"bench_{family}")
    alone = family == "diffusion"  # without diffusers
    assert list(found.values["entries"]) == (["ours"] if alone else ["ours", "peer"])
    assert f"--only {family} --seconds 0.05 --seed 0" in found.command
    ours = found.values["entries"]["ours"]
    assert ours["steps"] >= 1 and ours["seconds"] >= 0.025 and ours["flops a step"] > 0
    growing = found.values["growth"]
    assert [row[0] for row in growing["side"]] == [8, 16]
    assert all(cost > 0 for rows in growing.values() for row in rows for cost in row)
    said = capsys.readouterr().out
    assert f"{family}, ours" in said and ("diffusers is not installed" in said) == alone
    page = (tmp_path / "b.md").read_text()
    for name in ("distances", "sampling", "growth"):
        assert f"](b/{name}.png)" in page and (tmp_path / "b" / f"{name}.png").stat().st_size > 5000
    assert str(tmp_path) not in page and not list((tmp_path / "runs" / "bench").iterdir())
    (tmp_path / "b.md").unlink()
    monkeypatch.setattr("course_lib.commands.bench.measure_family", None)
    assert main(["bench", "--page", "--out", str(tmp_path / "b.md")]) == 0
    assert (tmp_path / "b.md").read_text() == page


def test_at_least_half_of_the_time_is_for_training(monkeypatch):
    clock = iter([0.0, 0.0, 1.0, 2.0, 9.0])
    one = peer("vae", 0)
    monkeypatch.setattr(measure.time, "process_time", lambda: next(clock))
    assert measure.train_for(one, 4.0, seed=0, reserve=100.0) == (2, 2.0, 7.0)


def test_a_model_that_is_finished_is_not_trained_again(tmp_path, monkeypatch, capsys):
    trained = []

    def entry(make, *rest):
        if trained and make is peer:
            raise KeyboardInterrupt
        trained.append(make)
        return {"steps": 1}

    monkeypatch.setattr(measure, "_entry", entry)
    assert main(["bench", "--only", "vae", "--seconds", "1"]) == 130
    assert main(["bench", "--only", "vae", "--seconds", "1"]) == 130
    assert trained == [our]
    assert main(["bench", "--only", "vae", "--seconds", "2"]) == 130  # another price
    assert trained == [our, our]


def test_without_a_measurement_there_is_no_page(tmp_path, capsys):
    assert main(["bench", "--page", "--out", str(tmp_path / "b.md")]) == 1
    assert "nothing is measured yet" in capsys.readouterr().err


def test_claims_are_ratios_and_say_when_they_are_not_met():
    def values(ours, peer):
        return {"entries": {"ours": {"distance": ours}, "peer": {"distance": peer}}}

    lines = claims({"vae": values(3.0, 4.0), "gan": values(3.0, 4.0)}).splitlines()
    assert lines[2] == "| vae | 0.75 | 0.75 | met |"
    assert lines[3] == "| gan | 0.75 | 0.5 | **not met** |"
    assert TARGETS == {"vae": 0.75, "gan": 0.5, "diffusion": 0.1}


def test_the_comparison_is_for_processors(monkeypatch, capsys):
    monkeypatch.setattr(measure, "pick_device", lambda: torch.device("meta"))
    assert main(["bench", "--only", "vae"]) == 1
    assert "set COURSE_DEVICE=cpu" in capsys.readouterr().err
