"""The cache: old rows or new rows, never half of either, and opened without being read."""

import errno
import json
import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from emnist_core import data
from emnist_core.data import cache, streaming
from emnist_core.data.dataset import Dataset, content_hash
from emnist_core.errors import DataError
from emnist_core.splits import get_split
from tests.helpers import nist

BALANCED = get_split("balanced")


def make(count: int = 50, seed: int = 0) -> Dataset:
    images, labels = nist.random_rows(BALANCED, count, seed)
    return Dataset(
        BALANCED, "train", images, labels, content_hash(images, labels), f"noise {seed}", False, ("A note.",)
    )


def assert_same(found: Dataset, expected: Dataset) -> None:
    np.testing.assert_array_equal(found.images, expected.images)
    np.testing.assert_array_equal(found.labels, expected.labels)
    assert (found.sha256, found.name, found.notes) == (expected.sha256, expected.name, expected.notes)


def place() -> Path:
    return cache.folder(BALANCED, "train")


def test_what_is_stored_is_opened(home: Path):
    dataset = make()
    cache.store(dataset, "a test")
    found = cache.verify(BALANCED, "train")
    assert_same(found, dataset)
    assert len(found) == 50
    assert found.class_counts().sum() == 50
    assert len(found.class_counts()) == 47
    assert place() == home / "data" / "balanced" / "train"
    assert len(list(place().iterdir())) == 3


def test_arrays_are_mapped_and_read_only():
    cache.store(make(), "a test")
    found = cache.open_part(BALANCED, "train")
    assert isinstance(found.images.base, np.memmap)
    assert type(found.images) is np.ndarray
    with pytest.raises(ValueError, match="read-only"):
        found.images[0, 0, 0] = 1


def test_opening_does_not_read_the_images():
    zeros = np.zeros((112_800, 28, 28), np.uint8)
    labels = np.arange(112_800) % 47
    cache.store(Dataset(BALANCED, "train", zeros, labels, content_hash(zeros, labels), "", False), "a test")
    start = time.perf_counter()
    cache.open_part(BALANCED, "train")
    assert time.perf_counter() - start < 0.05


def test_a_later_fetch_replaces_and_sweeps():
    cache.store(make(seed=1), "a test")
    mapped = cache.open_part(BALANCED, "train")
    cache.store(make(seed=2), "a test")
    assert_same(cache.verify(BALANCED, "train"), make(seed=2))
    assert len(list(place().iterdir())) == 3
    if os.name == "posix":  # who had the old rows open still has them
        np.testing.assert_array_equal(mapped.images, make(seed=1).images)


@pytest.mark.parametrize("written_before", [0, 1, 2])
def test_failing_in_the_middle_leaves_the_old_rows(monkeypatch: pytest.MonkeyPatch, written_before: int):
    cache.store(make(seed=1), "a test")
    save, calls = streaming.save, []

    def fill_the_disk(*arguments, **named):
        calls.append(1)
        if len(calls) > written_before:
            raise OSError(errno.ENOSPC, "No space left on device")
        save(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(streaming, "save", fill_the_disk)
        patch.setattr(cache.files, "write_json", fill_the_disk)
        with pytest.raises(DataError, match=r"No space left on device\); make room"):
            cache.store(make(seed=2), "a test")
    assert_same(cache.verify(BALANCED, "train"), make(seed=1))
    cache.store(make(seed=3), "a test")
    assert len(list(place().iterdir())) == 3


KILLED_WRITER = """
import os, sys
from tests.data.test_cache import cache, make
cache.files.write_json = lambda *_: os.kill(os.getpid(), 9)
cache.store(make(seed=2), "a test")
"""


@pytest.mark.skipif(os.name != "posix", reason="kills a process with SIGKILL")
def test_a_killed_writer_leaves_the_old_rows():
    cache.store(make(seed=1), "a test")
    killed = subprocess.run([sys.executable, "-c", KILLED_WRITER], cwd=Path(__file__).parents[2], check=False)
    assert killed.returncode == -9
    assert len(list(place().iterdir())) == 5  # the new arrays are there, and nothing names them
    assert_same(cache.verify(BALANCED, "train"), make(seed=1))
    cache.store(make(seed=3), "a test")
    assert len(list(place().iterdir())) == 3


def _store_often(seed: int) -> None:
    for _ in range(10):
        cache.store(make(seed=seed), "a test")


def test_two_writers_and_a_reader():
    cache.store(make(seed=0), "a test")
    allowed = {make(seed=seed).sha256 for seed in range(3)}
    context = multiprocessing.get_context("fork" if os.name == "posix" else "spawn")
    writers = [context.Process(target=_store_often, args=(seed,)) for seed in (1, 2)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        found = cache.open_part(BALANCED, "train")
        assert content_hash(found.images, found.labels) in allowed
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert cache.verify(BALANCED, "train").name in ("noise 1", "noise 2")
    assert len(list(place().iterdir())) == 3


def test_not_fetched_says_how_to_fetch():
    with pytest.raises(DataError, match=r"not been fetched.*`python -m emnist_core fetch balanced`"):
        cache.open_part(BALANCED, "train")


def damage_manifest(**changes) -> None:
    path = place() / cache.MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def array_file(kind: str) -> Path:
    return next(place().glob(f"{kind}-*.npy"))


DAMAGES = {
    "manifest empty": lambda: (place() / cache.MANIFEST).write_text(""),
    "manifest binary": lambda: (place() / cache.MANIFEST).write_bytes(b"\xff\xfe"),
    "manifest a list": lambda: (place() / cache.MANIFEST).write_text("[]"),
    "manifest without hash": lambda: damage_manifest(sha256=None),
    "manifest with a path for a hash": lambda: damage_manifest(sha256="../../x"),
    "manifest of another part": lambda: damage_manifest(part="test"),
    "manifest with other count": lambda: damage_manifest(images=49),
    "images gone": lambda: array_file("images").unlink(),
    "images cut": lambda: os.truncate(array_file("images"), 1000),
    "images empty": lambda: array_file("images").write_bytes(b""),
    "labels gone": lambda: array_file("labels").unlink(),
    "labels cut": lambda: os.truncate(array_file("labels"), 100),
    "labels no array": lambda: array_file("labels").write_bytes(bytes(array_file("labels").stat().st_size)),
    "labels a pickle": lambda: np.save(array_file("labels"), np.array([{}], object)),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damage_says_fetch_again_and_fetching_mends(damage):
    cache.store(make(), "a test")
    damage()
    with pytest.raises(DataError, match=r"damaged; fetch it again with `python -m emnist_core"):
        data.load("balanced", "train")  # and never the sample in its place
    assert "damaged" in data.installed().loc[0, "name"]
    cache.store(make(), "a test")
    assert_same(cache.verify(BALANCED, "train"), make())


@pytest.mark.parametrize("kind", ["images", "labels"])
def test_verify_finds_one_changed_byte(kind: str):
    cache.store(make(), "a test")
    with array_file(kind).open("r+b") as file:
        file.seek(-8, os.SEEK_END)
        value = file.read(1)
        file.seek(-8, os.SEEK_END)
        file.write(bytes([value[0] ^ 1]))
    cache.open_part(BALANCED, "train")
    with pytest.raises(DataError, match="damaged"):
        cache.verify(BALANCED, "train")


def test_a_disk_that_does_not_keep_bytes(monkeypatch: pytest.MonkeyPatch):
    save = streaming.save

    def flip(file, array, **named):
        save(file, array ^ 1, **named)

    monkeypatch.setattr(streaming, "save", flip)
    with pytest.raises(DataError, match="did not keep"):
        cache.store(make(), "a test")
    assert not cache.has(BALANCED, "train")


def test_a_file_where_the_home_should_be(home: Path, monkeypatch: pytest.MonkeyPatch):
    (home / "occupied").write_text("")
    monkeypatch.setenv("EMNIST_HOME", str(home / "occupied"))
    with pytest.raises(DataError, match=r"cannot be written .*EMNIST_HOME\.$"):
        cache.store(make(), "a test")
    assert not cache.has(BALANCED, "train")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_home(home: Path):
    home.chmod(0o500)
    with pytest.raises(DataError, match=r"cannot be written .*EMNIST_HOME\.$"):
        cache.store(make(), "a test")


def test_a_read_only_disk(monkeypatch: pytest.MonkeyPatch):
    def refuse(*_arguments, **_named):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    with pytest.raises(
        DataError,
        match=r"\(Read-only file system\); make room and allow writing there, or name another folder",
    ):
        cache.store(make(), "a test")


def test_installed_lists_what_is_there():
    assert data.installed().empty
    cache.store(make(), "a test")
    shown = ["split", "part", "images", "name", "sha256", "megabytes"]
    assert data.installed()[shown].values.tolist() == [["balanced", "train", 50, "noise 0", make().sha256, 0.0]]
