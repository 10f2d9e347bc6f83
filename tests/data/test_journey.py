"""The way of a part from a server into the cache: how many files of code it passes, and how often it is read."""

import sys
from collections import Counter
from pathlib import Path
from types import FrameType

import pytest

from emnist_core.data import cache, dataset, fetching
from tests.helpers import server
from tests.helpers.sample_archive import CONTENT

MOST_FILES = 14


def test_it_is_short():
    data = Path(fetching.__file__).parent
    passed = set()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        file = Path(frame.f_code.co_filename)
        if event == "call" and frame.f_code.co_name != "<module>" and file.is_relative_to(data):
            passed.add(str(file.relative_to(data)))

    with server.running(CONTENT) as manners:
        sys.setprofile(note)
        try:
            fetching.fetch("balanced", f"{manners.url}/gzip.zip")
        finally:
            sys.setprofile(None)
    assert "cache.py" in passed
    assert len(passed) <= MOST_FILES, sorted(passed)


def test_what_came_is_read_once_and_what_was_written_once(monkeypatch: pytest.MonkeyPatch):
    opened: Counter[str] = Counter()
    hashed = []
    open_path, content_hash = Path.open, dataset.content_hash

    def count(path: Path, mode: str = "r", *arguments: object, **named: object):
        opened[f"{path.name} {mode}"] += 1
        return open_path(path, mode, *arguments, **named)  # type: ignore[arg-type, call-overload]

    def note(images, labels):
        hashed.append(len(images))
        return content_hash(images, labels)

    monkeypatch.setattr(Path, "open", count)
    monkeypatch.setattr(cache, "content_hash", note)
    monkeypatch.setattr(fetching, "content_hash", note)
    with server.running(CONTENT) as manners:
        (test,) = fetching.fetch("balanced", f"{manners.url}/gzip.zip", ["test"])
    came = {name: times for name, times in opened.items() if name.endswith(".part rb")}
    assert sorted(came.values()) == [1, 1], "images and labels, each unpacked as it is read"
    assert hashed == [len(test.dataset)], "what was written is read back"
