"""A long run can be stopped at any moment, and goes on as if it had not been."""

import itertools
import math
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_lib.data import Batch, stream
from course_lib.recipes.jobs import Job
from course_lib.runs import load_state, loop, save_state, train
from course_lib.training import EMA, descend

N_STEPS = 30


def tiny_step(batch, network, opt, ema):
    noisy = batch.x + 0.1 * torch.randn_like(batch.x)  # chance that must be taken up again
    loss = F.cross_entropy(network(noisy).float(), batch.label)
    descend(loss, opt)
    ema.update(network)
    return {"loss": loss}


def tiny_job(step=tiny_step):
    torch.manual_seed(5)
    split = Batch(torch.randn(50, 3, 8, 8), torch.randint(4, (50,)))
    layers = nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Flatten(), nn.Linear(288, 4)
    network = nn.Sequential(*layers).to(memory_format=torch.channels_last)
    ema = EMA(network, decay=0.9)
    opt = torch.optim.AdamW(network.parameters(), lr=1e-2, fused=True)
    players = {"network": network, "opt": opt, "ema": ema}
    return Job(step, players, ema.model, {}, lambda seed, skip: stream(split, 8, seed, skip), 30)


def stopping_at(moments):
    """Return a step that is asked to stop, as by Ctrl-C, when its count is among the moments."""
    count = itertools.count(1)

    def step(batch, **players):
        if next(count) in moments:
            os.kill(os.getpid(), signal.SIGINT)
        return tiny_step(batch, **players)

    return step


def quiet(line):
    pass


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setenv("COURSE_DEVICE", "cpu")


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    job = tiny_job()
    ended = train(job, tmp_path_factory.mktemp("whole"), seed=3, n_steps=N_STEPS)
    assert ended.finished and ended.steps == N_STEPS
    return job.model.state_dict()


def same(state, other):
    return all(torch.equal(tensor, other[name]) for name, tensor in state.items())


@pytest.mark.parametrize("moment", [1, 7, 29])
def test_a_run_that_was_asked_to_stop_ends_with_the_same_weights_bit_for_bit(
    moment, tmp_path, uninterrupted
):
    ended = train(tiny_job(stopping_at({moment})), tmp_path, seed=3, n_steps=N_STEPS)
    assert not ended.finished and ended.steps == moment
    torch.manual_seed(99)  # another process stands elsewhere in its chance
    job = tiny_job()
    ended = train(job, tmp_path, seed=3, n_steps=N_STEPS, resume=True)
    assert ended.finished and ended.steps == N_STEPS
    assert same(job.model.state_dict(), uninterrupted)


def test_the_price_of_a_run_is_that_of_all_its_sittings(tmp_path, monkeypatch):
    clock = itertools.count(100, 5)  # five seconds of work between two looks at the clock
    monkeypatch.setattr(loop.time, "process_time", lambda: float(next(clock)))
    first = train(tiny_job(stopping_at({4})), tmp_path, n_steps=N_STEPS)
    assert first.processor == 25.0  # the look before each of four steps, and one before the end
    second = train(tiny_job(), tmp_path, n_steps=N_STEPS, resume=True)
    assert second.processor == 25.0 + 5.0 * (N_STEPS - 4 + 1)


def test_another_seed_gives_other_weights_so_that_equality_means_something(tmp_path, uninterrupted):
    job = tiny_job()
    train(job, tmp_path, seed=4, n_steps=N_STEPS)
    assert not same(job.model.state_dict(), uninterrupted)


def test_a_run_killed_at_random_moments_ends_with_the_same_weights(tmp_path, uninterrupted):
    script = Path(__file__).with_name("run_tiny_job.py")
    words = [sys.executable, script, tmp_path]
    chance = random.Random(0)
    for _ in range(3):
        process = subprocess.Popen([*words, "0.02"], stdout=subprocess.PIPE, text=True)
        for _ in range(chance.randint(1, 8)):
            process.stdout.readline()  # it has begun, or saved its state once more
        process.kill()
        process.wait()
        process.stdout.close()
    subprocess.run([*words, "0"], check=True, stdout=subprocess.DEVNULL)
    job = tiny_job()
    assert load_state(tmp_path / "resume" / "state.safetensors", job.players)["steps"] == N_STEPS
    assert same(job.model.state_dict(), uninterrupted)


def test_learning_rates_rise_and_fall_to_the_length_of_the_run():
    assert loop.annealed(0) == 0 and loop.annealed(1) == pytest.approx(0)
    assert loop.annealed(loop.WARM_UP) == pytest.approx(1, abs=2e-3)
    assert loop.annealed(0.5) == pytest.approx((1 + math.cos(math.pi / 2)) / 2)


def test_a_run_of_seconds_anneals_to_the_clock(tmp_path, monkeypatch):
    clock, rates = itertools.count(step=0.25), []

    def step(batch, network, opt, ema):
        rates.append(opt.param_groups[0]["lr"])
        return tiny_step(batch, network, opt, ema)

    monkeypatch.setattr(loop.time, "monotonic", lambda: next(clock))
    ended = train(tiny_job(step), tmp_path, seconds=10.0, save_every=1e9, say=quiet)
    assert ended.finished and 10 <= ended.seconds < 10.5
    assert rates.index(max(rates)) <= 1 and rates == sorted(rates, reverse=True)
    assert max(rates) > 0.9e-2 and min(rates) < 0.05e-2


def test_the_losses_are_means_over_hundredths_of_the_run(tmp_path):
    ended = train(tiny_job(), tmp_path, n_steps=N_STEPS)
    assert list(ended.losses) == ["loss"] and len(ended.losses["loss"]) == N_STEPS


def test_the_run_says_how_it_goes_when_it_saves(tmp_path):
    said = []
    train(tiny_job(), tmp_path, n_steps=3, save_every=-1, say=said.append)
    assert len(said) == 4 and "Ctrl-C" in said[0]
    assert "3 steps" in said[-1] and "loss" in said[-1]


def test_nothing_to_resume_is_said_in_one_sentence(tmp_path):
    with pytest.raises(FileNotFoundError, match="start the run without --resume"):
        train(tiny_job(), tmp_path, resume=True)


@pytest.mark.parametrize("damage", [lambda raw: raw[:100], lambda raw: b"", lambda raw: b"x" * 99])
def test_a_damaged_state_is_said_in_one_sentence(damage, tmp_path):
    path = tmp_path / "state.safetensors"
    save_state(path, tiny_job().players, {"steps": 0})
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match="damaged"):
        load_state(path, tiny_job().players)


def test_the_state_of_another_run_is_refused(tmp_path):
    path = tmp_path / "state.safetensors"
    save_state(path, tiny_job().players, {"steps": 0})
    other = nn.Linear(2, 2)
    with pytest.raises(ValueError, match="other settings: they differ in 'ema"):
        load_state(path, {"other": other})


def test_a_run_of_another_seed_is_not_gone_on_with(tmp_path):
    train(tiny_job(), tmp_path, seed=3, n_steps=2)
    with pytest.raises(ValueError, match="belongs to a run with seed 3, not 4"):
        train(tiny_job(), tmp_path, seed=4, n_steps=4, resume=True)


def test_a_full_disk_leaves_the_old_state_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "state.safetensors"
    save_state(path, tiny_job().players, {"steps": 1})

    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="what stood there is unchanged"):
        save_state(path, tiny_job().players, {"steps": 2})
    assert load_state(path, tiny_job().players)["steps"] == 1
    assert [file.name for file in tmp_path.iterdir()] == ["state.safetensors"]
