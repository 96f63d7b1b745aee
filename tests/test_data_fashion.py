"""The photographs arrive whole or not at all, and whatever is wrong is said in one sentence."""

import gc
import gzip
import hashlib
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import torch
from test_data_idx import idx

from course_lib.data import fashion, load
from course_lib.data.fashion import FILES, photographs

OPEN_SOCKETS = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
NOWHERE = ("http://127.0.0.1:9/", "http://127.0.0.1:9/again/")  # nobody listens there


def tiny():
    """Return the four files, by name, with 60 and 10 pictures of random pixels."""
    rng = np.random.default_rng(0)
    arrays = (
        *(rng.integers(0, 256, (60, 28, 28), np.uint8), np.arange(60, dtype=np.uint8) % 10),
        *(rng.integers(0, 256, (10, 28, 28), np.uint8), np.arange(10, dtype=np.uint8)),
    )
    return {file.name: array for file, array in zip(FILES, arrays, strict=True)}


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """Publish four tiny files in tmp_path/shop; on this machine there are none, and no network."""
    monkeypatch.delenv("COURSE_DATA_DIR", raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(fashion, "ROOT", tmp_path / "no_project")
    monkeypatch.setattr(fashion, "_cache", lambda: tmp_path / "cache")
    monkeypatch.setattr(fashion, "ADDRESSES", NOWHERE)
    folder = tmp_path / "shop" / "fashion-mnist"
    folder.mkdir(parents=True)
    files = []
    for name, numbers in tiny().items():
        data = idx(numbers)
        packed = gzip.compress(data, mtime=0)
        (folder / name).write_bytes(packed)
        sums = hashlib.md5(packed).hexdigest(), hashlib.sha256(data).hexdigest()
        files.append(fashion.Published(name, numbers.shape, *sums))
    monkeypatch.setattr(fashion, "FILES", tuple(files))
    return folder


@pytest.fixture
def address(shop):
    """Serve the shop over HTTP, and return its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    handler = partial(Quiet, directory=shop)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
    gc.collect()  # pooch leaves sockets to the garbage collector: warn here, not in a later test


def the_sentence(error):
    text = str(error.value)
    assert "\n" not in text and not text.endswith("."), text
    return text


# -- finding ---------------------------------------------------------------------------------


def test_a_shared_folder_is_used_and_its_pictures_arrive_unharmed(shop, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_DIR", str(shop.parent))
    data = load("fashion", device="cpu")
    pixels, labels, test_pixels, test_labels = tiny().values()
    assert [len(s.x) for s in (data.train, data.validation, data.test)] == [55, 5, 10]
    torch.testing.assert_close(data.test.label, torch.tensor(test_labels, dtype=torch.int64))
    back = (data.test.x[:, 0, 2:30, 2:30] + 1) * 127.5
    torch.testing.assert_close(back, torch.tensor(test_pixels).float())
    border = data.test.x.clone()
    border[:, :, 2:30, 2:30] = -1
    assert (border == -1).all()
    seen = torch.cat([data.train.x, data.validation.x])[:, 0, 2:30, 2:30]
    kinds = torch.cat([data.train.label, data.validation.label]).tolist()
    seen = ((seen + 1) * 127.5).round().to(torch.uint8).flatten(1).tolist()
    expected = pixels.reshape(60, -1).tolist()
    assert sorted(zip(seen, kinds, strict=True)) == sorted(zip(expected, labels, strict=True))


def test_a_relative_folder_may_be_meant_from_the_top_of_the_project(shop, monkeypatch):
    (shop.parent / "project").mkdir()
    monkeypatch.setattr(fashion, "ROOT", shop.parent / "project")
    monkeypatch.setenv("COURSE_DATA_DIR", "../../shop")
    assert len(load("fashion", device="cpu").test.x) == 10


@pytest.mark.parametrize("home", ["cache", "project"])
def test_files_in_the_cache_or_the_project_are_found(shop, tmp_path, monkeypatch, home):
    if home == "project":
        (tmp_path / "no_project" / "data").mkdir(parents=True)
        (tmp_path / "no_project" / "pyproject.toml").touch()
        shop.rename(tmp_path / "no_project" / "data" / "fashion-mnist")
    else:
        (tmp_path / "cache").mkdir()
        shop.rename(tmp_path / "cache" / "fashion-mnist")
    assert len(load("fashion", device="cpu").test.x) == 10


def test_a_file_packed_anew_is_as_good_as_the_published_one(shop, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_DIR", str(shop.parent))
    for path in shop.iterdir():
        path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), 1, mtime=1))
    assert len(load("fashion", device="cpu").train.x) == 55


# -- downloading -----------------------------------------------------------------------------


@OPEN_SOCKETS
def test_what_is_missing_is_downloaded_once_from_the_second_address_if_the_first_has_it_not(
    shop, address, tmp_path, monkeypatch, capfd
):
    monkeypatch.setattr(fashion, "ADDRESSES", (address + "not/there/", address))
    assert len(load("fashion", device="cpu").train.x) == 55
    arrived = sorted(path.name for path in (tmp_path / "cache" / "fashion-mnist").iterdir())
    assert arrived == sorted(file.name for file in FILES)
    assert "%" in capfd.readouterr().err  # a progress bar
    monkeypatch.setattr(fashion, "ADDRESSES", NOWHERE)
    assert len(load("fashion", device="cpu").train.x) == 55  # from the cache


@OPEN_SOCKETS
def test_a_download_that_breaks_off_leaves_nothing_behind(shop, address, tmp_path, monkeypatch):
    monkeypatch.setattr(fashion, "ADDRESSES", (address, address))
    name = FILES[0].name
    (shop / name).write_bytes((shop / name).read_bytes()[:-100])
    with pytest.raises(ConnectionError, match=r"train-images.*\(it arrived damaged\)") as error:
        load("fashion", device="cpu")
    the_sentence(error)
    assert list((tmp_path / "cache" / "fashion-mnist").iterdir()) == []


def test_without_a_network_one_sentence_says_what_to_do(shop, tmp_path):
    with pytest.raises(ConnectionError, match="connect to the network .* COURSE_DATA_DIR") as error:
        load("fashion", device="cpu")
    the_sentence(error)
    assert list((tmp_path / "cache" / "fashion-mnist").iterdir()) == []


# -- damage ----------------------------------------------------------------------------------


def other(numbers):
    return gzip.compress(idx(numbers))


DAMAGE = {
    "truncated": (lambda packed: packed[:-40], "does not unpack"),
    "empty": (lambda packed: b"", "does not begin like an IDX file"),
    "a web page": (lambda packed: b"<html>Not found</html>", "does not unpack"),
    "a flipped byte": (lambda packed: packed[:999] + b"\x00" + packed[1000:], "does not unpack"),
    "too long": (lambda packed: gzip.compress(bytes(10**7)), "holds more than 47056 bytes"),
    "no IDX": (lambda packed: gzip.compress(b"hello" * 9), "does not begin like an IDX file"),
    "another shape": (
        lambda packed: other(np.zeros((10, 28, 28), np.uint8)),
        r"holds \(10, 28, 28\) numbers, where \(60, 28, 28\) belong",
    ),
    "other pictures": (
        lambda packed: other(np.zeros((60, 28, 28), np.uint8)),
        "checksum is not that of the published file",
    ),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_file_is_named_in_one_sentence_and_left_alone(shop, monkeypatch, kind):
    monkeypatch.setenv("COURSE_DATA_DIR", str(shop.parent))
    spoil, says = DAMAGE[kind]
    path = shop / FILES[0].name
    path.write_bytes(spoil(path.read_bytes()))
    before = path.read_bytes()
    with pytest.raises(ValueError, match=f"train-images.* cannot be used: it.*{says}") as error:
        load("fashion", device="cpu")
    assert the_sentence(error).endswith("delete or replace it and run this again")
    assert path.read_bytes() == before


# -- saying whether they are here ------------------------------------------------------------


def test_a_notebook_is_told_in_one_sentence_that_the_photographs_are_here(
    shop, monkeypatch, capsys
):
    monkeypatch.setenv("COURSE_DATA_DIR", str(shop.parent))
    assert photographs("cpu").name == "fashion"
    assert capsys.readouterr().out == "The photographs are here: 70 pictures of clothes.\n"


def test_a_notebook_is_told_in_one_sentence_why_they_are_not(shop, capsys):
    assert photographs("cpu") is None
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("No photographs here, so stored results are shown: train-images")


def test_whoever_sets_course_data_dir_hears_of_it_when_the_photographs_are_missing(
    shop, monkeypatch
):
    monkeypatch.setenv("COURSE_DATA_DIR", str(shop / "elsewhere"))
    with pytest.raises(ConnectionError):
        photographs("cpu")
