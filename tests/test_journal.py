"""The journal of a training is read on from where the last look ended, and read again when it is another."""

import json
from pathlib import Path
from typing import Any

import pytest

from emnist_core.runs import journal


def line(epoch: int) -> str:
    return json.dumps({"kind": "epoch", "epoch": epoch, "note": "x" * 80}) + "\n"


def epochs(file: Path) -> list[Any]:
    return [row["epoch"] for row in journal.read(file)]


def test_only_what_was_appended_is_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "metrics.jsonl"
    file.write_text("".join(map(line, range(100))))
    assert epochs(file) == list(range(100))
    parsed: list[bytes] = []
    original = json.loads
    monkeypatch.setattr("json.loads", lambda text: parsed.append(text) or original(text))
    with file.open("a") as appended:
        appended.write(line(100))
    assert epochs(file) == list(range(101))
    assert len(parsed) == 1
    assert epochs(file) == list(range(101))
    assert len(parsed) == 1


def test_a_line_that_is_being_written_is_left_out_until_it_is_whole(tmp_path: Path):
    file, whole = tmp_path / "metrics.jsonl", line(1)
    file.write_text(line(0) + whole[:20])
    assert epochs(file) == [0]
    with file.open("a") as appended:
        appended.write(whole[20:-1])
    assert epochs(file) == [0, 1]
    with file.open("a") as appended:
        appended.write("\nno json\n[1]\n" + line(2))
    assert epochs(file) == [0, 1, 2]


def test_a_journal_that_was_begun_again_is_read_from_its_beginning(tmp_path: Path):
    file = tmp_path / "metrics.jsonl"
    file.write_text("".join(map(line, range(5))))
    assert epochs(file) == [0, 1, 2, 3, 4]
    file.write_text(line(7))
    assert epochs(file) == [7]
    file.write_text("".join(map(line, range(20, 40))))
    assert epochs(file) == list(range(20, 40))
    file.unlink()
    with pytest.raises(FileNotFoundError):
        journal.read(file)


def test_a_line_nested_too_deep_is_left_out(tmp_path: Path):
    file = tmp_path / "metrics.jsonl"
    file.write_bytes(b'{"step": 1}\n' + b"[" * 100_000 + b'\n{"step": 2}\n')
    assert journal.read(file) == [{"step": 1}, {"step": 2}]
