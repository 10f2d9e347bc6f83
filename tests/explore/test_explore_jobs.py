"""What is computed beside the page: done once, found again, cancelled, and failing in a sentence."""

import json
import time

import pandas as pd
import pytest

from emnist_core import data
from emnist_core.errors import DataError
from emnist_core.explore import result_cache
from emnist_core.explore.jobs import Job


def job(kind: str = "outliers", **changes: object) -> Job:
    dataset = data.load("digits", "test", "sample")
    fields = {"kind": kind, "split": "digits", "part": "test", "dataset_kind": "sample", "sha256": dataset.sha256}
    return Job(**(fields | changes))  # type: ignore[arg-type]


def finished(one: Job) -> str:
    end = time.monotonic() + 60
    while one.state() == "running" and time.monotonic() < end:
        time.sleep(0.05)
    return one.state()


def test_it_is_computed_in_a_process_of_its_own_and_kept() -> None:
    one = job()
    assert one.state() == "absent"
    assert one.frame() is None
    one.start()
    assert finished(one) == "ready"
    frame = one.frame()
    assert frame is not None
    assert len(frame) == len(data.load("digits", "test", "sample"))
    changed = one.result.stat().st_mtime_ns
    one.start()
    assert one.state() == "ready"
    assert one.result.stat().st_mtime_ns == changed


def test_a_cancelled_one_can_begin_anew() -> None:
    one = job("tsne", most=300)
    one.start()
    assert one.state() == "running"
    assert one.seconds() >= 0
    one.cancel()
    assert one.state() == "absent"


def test_what_cannot_be_computed_says_why() -> None:
    one = job(split="byclass", sha256="f" * 64)
    one.start()
    assert finished(one) == "failed"
    assert "fetch byclass" in (one.error() or "")


def test_a_worker_that_died_is_not_waited_for() -> None:
    one = job()
    note = one.result.with_suffix(".busy")
    note.parent.mkdir(parents=True)
    for content in (json.dumps({"pid": 2**22 + 5, "started": 1.0}), "{", "[]", '{"pid": "x"}'):
        note.write_text(content)
        assert one.state() == "absent"


def test_a_home_that_cannot_be_written_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("EMNIST_HOME", str(tmp_path / "file"))
    with pytest.raises(DataError, match="EMNIST_HOME"):
        job().start()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04nonsense", b"\x00" * 400])
def test_damaged_arrays_are_computed_again(content: bytes) -> None:
    path = result_cache.file("a" * 64, "thing")
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert result_cache.read(path) is None
    frame = pd.DataFrame({"x": [1, 2]})
    found = result_cache.arrays("a" * 64, "thing", lambda: result_cache.frame_to_arrays(frame))
    assert list(found["x"]) == [1, 2]
    again = result_cache.read(path)
    assert again is not None
    assert list(again["x"]) == [1, 2]
