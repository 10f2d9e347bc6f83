"""What is computed beside the page: done once, found again, in turn, cancelled, and failing in a sentence."""

import json
import os
import time
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from emnist_core import data
from emnist_core.errors import DataError
from emnist_core.explore import queue, result_cache
from emnist_core.explore.jobs import Job


def job(kind: str = "outliers", **changes: object) -> Job:
    dataset = data.load("digits", "test", "sample")
    fields = {"kind": kind, "split": "digits", "part": "test", "dataset_kind": "sample", "sha256": dataset.sha256}
    return Job(**(fields | changes))  # type: ignore[arg-type]


def finished(job: Job) -> str:
    end = time.monotonic() + 60
    while queue.state(job) in ("waiting", "running") and time.monotonic() < end:
        time.sleep(0.05)
    return queue.state(job)


@pytest.fixture
def nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs wait for ever."""
    monkeypatch.setattr(queue, "AT_ONCE", 0)


def test_it_is_computed_in_a_process_of_its_own_and_kept() -> None:
    outliers = job()
    assert queue.state(outliers) == "absent"
    assert outliers.frame() is None
    queue.start(outliers, "one")
    assert finished(outliers) == "ready"
    frame = outliers.frame()
    assert frame is not None
    assert len(frame) == len(data.load("digits", "test", "sample"))
    changed = outliers.result.stat().st_ino
    queue.start(outliers, "one")
    assert queue.state(outliers) == "ready"
    assert outliers.result.stat().st_ino == changed


def test_a_cancelled_one_can_begin_again() -> None:
    tsne = job("tsne", most=300)
    queue.start(tsne, "one")
    assert queue.state(tsne) == "running"
    assert queue.seconds(tsne) >= 0
    queue.cancel(tsne)
    assert queue.state(tsne) == "absent"


def test_no_more_are_at_work_than_may_be_and_the_next_follows_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "AT_ONCE", 1)
    first, second = job("tsne", most=5000), job(sha256="e" * 64, split="byclass")
    queue.start(first, "one")
    queue.start(second, "another")
    assert [queue.state(first), queue.state(second)] == ["running", "waiting"]
    assert queue.ahead(second) == 1
    queue.cancel(first)
    assert queue.state(first) == "absent"
    assert finished(second) == "failed"  # it had its turn, and there is no ByClass
    # The reason is there a moment before the process has left the queue.
    end = time.monotonic() + 30
    while queue.tickets() and time.monotonic() < end:
        time.sleep(0.05)
    assert queue.tickets() == []


@pytest.mark.usefixtures("nothing_starts")
def test_a_visitor_has_a_share_and_the_queue_an_end() -> None:
    for most in range(queue.SHARE):
        queue.start(job("tsne", most=1000 + most), "one")
    queue.start(job("tsne", most=1000), "one")  # it was asked for already
    with pytest.raises(DataError, match=f"You have {queue.SHARE} computations"):
        queue.start(job(), "one")
    for most in range(queue.WAITING - queue.SHARE):
        queue.start(job("umap", most=most), str(most))
    with pytest.raises(DataError, match=f"{queue.WAITING} computations are waiting"):
        queue.start(job(), "another")
    queue.cancel(job("tsne", most=1000))
    queue.start(job(), "one")
    assert queue.ahead(job()) == queue.WAITING - 1


def test_what_cannot_be_computed_says_why() -> None:
    absent = job(split="byclass", sha256="f" * 64)
    queue.start(absent, "one")
    assert finished(absent) == "failed"
    assert "fetch byclass" in (absent.error() or "")


@pytest.mark.usefixtures("nothing_starts")
def test_a_worker_that_died_is_not_waited_for() -> None:
    outliers = job()
    queue.start(outliers, "one")
    [ticket] = queue.tickets()
    dead = json.dumps(asdict(ticket) | {"worker": (2**22 + 5, 1.0)})
    for content in (dead, "{", "[]", '{"worker": "x"}'):
        ticket.file.write_text(content)
        assert queue.state(outliers) == "absent"
        assert queue.tickets() == []
    queue.start_next()
    assert not ticket.file.exists()


def test_a_home_that_cannot_be_written_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EMNIST_HOME", str(tmp_path / "file"))
    with pytest.raises(DataError, match="EMNIST_HOME") as refused:
        queue.start(job(), "one")
    assert str(tmp_path) not in str(refused.value)  # visitors read it


def test_of_more_than_the_limit_what_was_not_read_for_longest_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(result_cache, "LIMIT", 3000)
    paths = [result_cache.file(letter * 64, "thing") for letter in "abc"]
    for age, path in enumerate(paths[:2]):
        result_cache.write(path, {"x": np.zeros(120)})  # about 1,200 bytes
        os.utime(path, (100 + age, 100 + age))
    assert result_cache.read(paths[0]) is not None
    result_cache.write(paths[2], {"x": np.zeros(120)})
    assert [path.exists() for path in paths] == [True, False, True]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04nonsense", b"\x00" * 400])
def test_damaged_arrays_are_computed_again(content: bytes) -> None:
    path = result_cache.file("a" * 64, "thing")
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert result_cache.read(path) is None
    frame = pd.DataFrame({"x": [1, 2]})
    arrays = result_cache.arrays("a" * 64, "thing", lambda: result_cache.frame_to_arrays(frame))
    assert list(arrays["x"]) == [1, 2]
    again = result_cache.read(path)
    assert again is not None
    assert list(again["x"]) == [1, 2]
