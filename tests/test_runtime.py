"""The device is chosen in one place, and the same seed gives the same noise everywhere."""

from types import SimpleNamespace

import pytest
import torch

from course_lib.runtime import (
    describe_machine,
    generator,
    half_precision,
    noise,
    pick_device,
    show_source,
    whole,
)


@pytest.fixture
def machine(monkeypatch):
    """Pretend that this machine has the named accelerators, and no wishes."""
    monkeypatch.delenv("COURSE_DEVICE", raising=False)
    monkeypatch.delenv("COURSE_REQUIRE_CUDA", raising=False)

    def has(*names):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in names)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in names)

    return has


@pytest.mark.parametrize(
    ("present", "chosen"), [("", "cpu"), ("mps", "mps"), ("cuda", "cuda"), ("cuda mps", "cuda")]
)
def test_the_best_device_is_picked(machine, present, chosen):
    machine(*present.split())
    assert pick_device().type == chosen


def test_a_device_can_be_asked_for(machine, monkeypatch):
    machine("cuda")
    assert pick_device("cpu").type == "cpu"
    monkeypatch.setenv("COURSE_DEVICE", "cpu")
    assert pick_device().type == "cpu"
    assert pick_device("cuda").type == "cuda"  # what the code asks for comes first


def test_an_unknown_device_is_refused_with_the_known_ones(machine):
    machine()
    with pytest.raises(ValueError, match="'tpu': choose one of cuda, mps, cpu"):
        pick_device("tpu")


def test_a_missing_device_is_refused(machine):
    machine()
    with pytest.raises(RuntimeError, match="cannot use 'mps' on this machine"):
        pick_device("mps")


@pytest.mark.parametrize("name", [None, "cpu"])
def test_where_cuda_is_required_nothing_else_will_do(machine, monkeypatch, name):
    machine("mps")
    monkeypatch.setenv("COURSE_REQUIRE_CUDA", "1")
    with pytest.raises(RuntimeError, match="cannot use CUDA"):
        pick_device(name)


def test_where_cuda_is_required_and_present_it_is_picked(machine, monkeypatch):
    machine("cuda")
    monkeypatch.setenv("COURSE_REQUIRE_CUDA", "1")
    assert pick_device().type == "cuda"


@pytest.mark.parametrize(("major", "made_for_it"), [(7, False), (8, True), (9, True)])
def test_half_precision_is_for_gpus_made_for_it_and_not_for_imitations(
    machine, monkeypatch, major, made_for_it
):
    machine("cuda")
    known = SimpleNamespace(major=major)
    monkeypatch.setattr(torch.version, "hip", None)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: known)
    monkeypatch.setattr(torch.cuda, "_check_bf16_tensor_supported", lambda _: True)  # as on a T4
    asked = []
    monkeypatch.setattr(torch, "autocast", lambda kind, **how: asked.append((kind, how["enabled"])))
    half_precision(torch.device("cuda"))
    assert asked == [("cuda" if made_for_it else "cpu", made_for_it)]


def test_noise_has_the_numbers_that_pytorch_has_given_for_seed_0_for_years():
    known = torch.tensor([1.5410, -0.2934, -2.1788])
    torch.testing.assert_close(noise(3, seed=0, device="cpu"), known, atol=1e-4, rtol=0)


def test_the_same_seed_gives_the_same_noise_and_another_seed_other_noise():
    first, second = (noise(2, 1, 8, 8, seed=7, device="cpu") for _ in range(2))
    torch.testing.assert_close(first, second, rtol=0, atol=0)
    assert not torch.allclose(first, noise(2, 1, 8, 8, seed=8, device="cpu"))


def test_noise_is_standard_normal():
    eps = noise(1_000_000, seed=3, device="cpu")
    assert abs(eps.mean()) < 0.005 and abs(eps.std() - 1) < 0.005


def test_noise_neither_asks_nor_moves_the_global_generator():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    noise(5, seed=0, device="cpu")
    torch.testing.assert_close(torch.get_rng_state(), before)


def test_noise_is_drawn_on_the_cpu_and_then_moved():
    assert generator(0).device.type == "cpu"
    assert noise(2, seed=0, device="meta").device.type == "meta"


def test_the_machine_is_described_in_one_line():
    line = describe_machine()
    assert "PyTorch" in line and pick_device().type in line and "\n" not in line


def test_show_source_opens_the_drawer(capsys):
    show_source(generator)
    assert capsys.readouterr().out.startswith("def generator(seed: int)")


def test_a_file_is_written_whole_and_its_folder_made(tmp_path):
    path = tmp_path / "new" / "page.md"
    with whole(path) as beside:
        beside.write_text("one")
        assert not path.exists()
    assert path.read_text() == "one" and [*path.parent.iterdir()] == [path]


@pytest.mark.parametrize("trouble", [ValueError("no"), KeyboardInterrupt()])
def test_what_stood_there_stays_if_writing_is_cut_off(tmp_path, trouble):
    path = tmp_path / "page.md"
    path.write_text("old")
    with pytest.raises(type(trouble)), whole(path) as beside:
        beside.write_text("ne")
        raise trouble
    assert path.read_text() == "old" and [*tmp_path.iterdir()] == [path]


def test_a_full_disk_is_one_clear_sentence(tmp_path):
    path = tmp_path / "page.md"
    sentence = "could not write .*page.md; what stood there is unchanged"
    with pytest.raises(OSError, match=sentence), whole(path):
        raise OSError(28, "No space left on device")
