"""A fetch beside the page: it ends with images, with a sentence, or when it is told to."""

import gzip
import importlib
from pathlib import Path

import pytest

from emnist_core import data
from emnist_core.data import fetch_task, web
from tests.helpers.noise import noise
from tests.helpers.pages import open_page, sound


def idx_folder(folder: Path, count: int = 300) -> Path:
    """NIST's files of both parts of Digits, of noise."""
    for part, seed in (("train", 1), ("test", 2)):
        made = noise(count, seed=seed)
        images = b"".join(n.to_bytes(4, "big") for n in (2051, count, 28, 28)) + made.images.tobytes()
        labels = b"".join(n.to_bytes(4, "big") for n in (2049, count)) + made.labels.astype("u1").tobytes()
        for kind, content in (("images-idx3", images), ("labels-idx1", labels)):
            (folder / f"emnist-digits-{part}-{kind}-ubyte.gz").write_bytes(gzip.compress(content))
    return folder


@pytest.fixture(autouse=True)
def none_before() -> None:
    """No fetch is remembered, as in a new process."""
    importlib.reload(fetch_task)


def test_it_brings_both_parts(tmp_path: Path) -> None:
    idx_folder(tmp_path)
    assert fetch_task.find("digits") is None
    sent = fetch_task.send("digits", str(tmp_path))
    sent.wait(30)
    assert not sent.is_running
    assert sent.error is None
    assert fetch_task.find("digits") is sent
    assert [len(data.load("digits", part, "emnist")) for part in ("train", "test")] == [300, 300]


def test_it_says_why_it_failed_and_may_be_sent_again(tmp_path: Path) -> None:
    sent = fetch_task.send("digits", str(tmp_path))
    sent.wait(30)
    assert "has no files; give a folder" in (sent.error or "")
    idx_folder(tmp_path)
    again = fetch_task.send("digits", str(tmp_path))
    again.wait(30)
    assert again is not sent
    assert again.error is None


def test_where_the_source_failed_another_is_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "PAUSE", 0.001)
    closed = "http://127.0.0.1:9/gzip.zip"
    sent = fetch_task.send("byclass", closed)
    sent.wait(30)
    assert "127.0.0.1:9" in (sent.error or "")
    assert sent.other == "nist"
    page = open_page("explore", split="ByClass")
    assert page.button(key="fetch-other").label == "Fetch it from NIST instead"
    asked: list[str] = []
    monkeypatch.setattr(data, "fetch", lambda _split, source, *_: asked.append(source))
    sound(page.button(key="fetch-other").click().run())
    assert asked == ["nist"]
    at_home = fetch_task.send("digits", str(tmp_path))
    at_home.wait(30)
    assert at_home.error is None
    assert at_home.other is None


def test_one_under_way_is_not_sent_twice_and_can_be_told_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(_split, _source, _parts, progress, cancelled):
        while not cancelled():
            progress(data.Progress("file", 1, 2, 3.0, 4.0))
        raise data.FetchCancelled("cancelled")

    monkeypatch.setattr(data, "fetch", slowly)
    sent = fetch_task.send("digits", "nist")
    assert fetch_task.send("digits", "nist") is sent
    while sent.progress is None:
        sent.wait(0.01)
    assert sent.is_running
    sent.cancel()
    sent.wait(30)
    assert sent.error == "cancelled"
