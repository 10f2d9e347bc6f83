"""The journal of a training, ``metrics.jsonl``: one JSON object a line, read on from where the last look ended.

Everybody who watches a training looks at it about once a second, and it only grows: what was read is kept.
"""

import json
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

MOST_KEPT = 64
"""Journals that are kept; the one that was not asked for longest goes first."""
TAIL = 64
"""Bytes before the place to read on from that must be the same, or the journal is another."""


@dataclass
class _Journal:
    changed: int = -1
    place: int = 0
    tail: bytes = b""
    rows: list[dict[str, Any]] = field(default_factory=list)
    last: list[dict[str, Any]] = field(default_factory=list)


_journals: OrderedDict[Path, _Journal] = OrderedDict()
_lock = Lock()


def read(file: Path) -> list[dict[str, Any]]:
    """The objects of a journal in their order; a line that is damaged, or still being written, is left out.

    Raises:
        OSError: when the file is not there or cannot be read.
    """
    with _lock:
        journal = _journals.pop(file, _Journal())
        changed = file.stat().st_mtime_ns
        if changed != journal.changed:
            journal = _read_on(file, journal)
            journal.changed = changed
        _journals[file] = journal
        if len(_journals) > MOST_KEPT:
            _journals.popitem(last=False)
        return [*journal.rows, *journal.last]


def _read_on(file: Path, journal: _Journal) -> _Journal:
    with file.open("rb") as opened:
        opened.seek(journal.place - len(journal.tail))
        text = opened.read()
        if not text.startswith(journal.tail) or len(text) == len(journal.tail):  # shorter, written again, or damaged
            journal = _Journal()
            opened.seek(0)
            text = opened.read()
    text = text[len(journal.tail) :]
    whole, line_end, rest = text.rpartition(b"\n")
    read = whole + line_end
    return _Journal(
        place=journal.place + len(read),
        tail=(journal.tail + read)[-TAIL:],
        rows=[*journal.rows, *_objects(whole)],
        last=_objects(rest),
    )


def _objects(text: bytes) -> list[dict[str, Any]]:
    rows = []
    for line in text.splitlines():
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(row, dict):
            rows.append(row)
    return rows
