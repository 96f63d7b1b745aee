"""Two workers are one with a batch twice as large, and the loss of one of them is no disaster."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from unittest.mock import patch

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_lib.data import Batch, stream
from course_lib.recipes.jobs import Job
from course_lib.runs import Workers, load_state, train
from course_lib.training import EMA, descend

N_STEPS = 12
TWO = pytest.mark.skipif(
    not importlib.util.find_spec("accelerate") or sys.platform == "win32",
    reason="needs the extra [scale], and signals as on Linux and macOS",
)


def plain_step(batch, network, opt, ema):
    loss = F.cross_entropy(network(batch.x), batch.label)
    descend(loss, opt)
    ema.update(network)
    return {"loss": loss}


def plain_job(step=plain_step, batch_size=16):
    torch.manual_seed(5)
    split = Batch(torch.randn(48, 6).double(), torch.randint(4, (48,)))
    network = nn.Sequential(nn.Linear(6, 8), nn.SiLU(), nn.Linear(8, 4)).double()
    ema, opt = EMA(network, decay=0.9), torch.optim.AdamW(network.parameters(), lr=1e-2)
    players = {"network": network, "opt": opt, "ema": ema}

    def batches(seed, skip):
        return stream(split, batch_size, seed, skip)

    return Job(step, players, ema.model, {}, batches, N_STEPS)


def two_workers(folder, last=0, resume=0, seconds=0):
    """Launch two on the CPU; worker 1 dies at its step `last`."""
    process = launched(folder, last, resume, seconds)
    out, errors = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, out, errors)


def launched(folder, *words):
    launch = "-m accelerate.commands.launch --multi_gpu --num_processes 2 --num_machines 1"
    launch += " --mixed_precision no --dynamo_backend no --main_process_port 0"
    script = Path(__file__).with_name("run_two_workers.py")
    here = os.pathsep.join([str(script.parents[1]), os.environ.get("PYTHONPATH", "")])
    quiet = {"COURSE_DEVICE": "cpu", "OMP_NUM_THREADS": "1", "PYTHONPATH": here}
    return subprocess.Popen(
        [sys.executable, *launch.split(), script, folder, *map(str, words)],
        env=os.environ | quiet, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip


def kept(folder):
    job = plain_job()
    return job, load_state(folder / "resume" / "state.safetensors", job.players)


@TWO
def test_two_workers_take_the_steps_of_one_with_twice_the_batch(tmp_path):
    ended = two_workers(tmp_path)
    assert ended.returncode == 0, ended.stderr
    job, progress = kept(tmp_path)
    alone = plain_job()
    expected = train(alone, tmp_path / "alone", seed=3, n_steps=N_STEPS)
    assert progress["steps"] == N_STEPS
    assert progress["losses"]["loss"] == pytest.approx(
        expected.losses["loss"], abs=1.1e-5
    )  # of five digits
    for name, weight in alone.model.state_dict().items():
        torch.testing.assert_close(job.model.state_dict()[name], weight, rtol=1e-9, atol=1e-12)
    assert set((tmp_path / "writers").read_text().split()) == {"0"}
    assert ended.stdout.count("Ctrl-C stops and saves") == 1


@TWO
def test_a_killed_worker_ends_the_run_with_one_sentence_and_a_state_to_go_on_from(tmp_path):
    ended = two_workers(tmp_path, last=7)
    assert ended.returncode != 0
    assert "course_lib: a worker is gone: the same command with --resume goes on" in ended.stderr
    assert kept(tmp_path)[1]["steps"] == 6
    assert two_workers(tmp_path, resume=1).returncode == 0
    job, progress = kept(tmp_path)
    assert progress["steps"] == N_STEPS
    train(alone := plain_job(), tmp_path / "alone", seed=3, n_steps=N_STEPS)
    for name, weight in alone.model.state_dict().items():
        torch.testing.assert_close(job.model.state_dict()[name], weight, rtol=1e-9, atol=1e-12)


@TWO
def test_ctrl_c_stops_both_after_the_same_step_and_they_can_go_on(tmp_path):
    process = launched(tmp_path, 0, 0, 0.5)
    signed = tmp_path / "writers"
    while not signed.exists() or len(signed.read_text().split()) < 3:
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to all: launcher and workers
    process.communicate(timeout=60)
    assert process.returncode != 0
    steps = kept(tmp_path)[1]["steps"]
    assert 0 < steps < N_STEPS
    assert two_workers(tmp_path, resume=1).returncode == 0
    assert kept(tmp_path)[1]["steps"] == N_STEPS


def worker(rank):
    workers = Workers()
    workers.count, workers.rank = 2, rank
    return workers


def test_each_batch_is_for_one_worker_and_so_is_each_draw_of_noise():
    assert [list(worker(rank).own(iter(range(6)))) for rank in (0, 1)] == [[0, 2, 4], [1, 3, 5]]
    drawn = []
    for rank, steps in ((0, 0), (1, 0), (1, 7)):
        torch.manual_seed(5)
        worker(rank).part_ways(seed=0, steps=steps)
        drawn.append(torch.randn(4).tolist())
    assert drawn[0] != drawn[1] != drawn[2]
    assert [worker(rank).writes for rank in (0, 1)] == [True, False]


def test_who_is_alone_agrees_without_a_device():
    def device():
        raise TypeError("Cannot convert a MPS Tensor to float64 dtype")

    with patch.dict(Workers.agree.__globals__, {"pick_device": device}):
        assert Workers().agree(0.25, False) == [0.25, False]


def test_several_workers_without_accelerate_are_told_what_to_install(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setitem(sys.modules, "accelerate", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'noise-to-novelty\[scale\]'"):
        Workers()


GUARDS = [
    (test_each_batch_is_for_one_worker_and_so_is_each_draw_of_noise, (), "runs.workers", [
        ("islice(batches, self.rank, None", "islice(batches, 0, None"),
        ("(seed * 1_000_003 + steps) * self.count + self.rank", "seed"),
        ("        if self.rank:\n", "        if self.rank < 0:\n"),
        ("return self.rank == 0", "return True"),
    ]),
]  # fmt: skip
