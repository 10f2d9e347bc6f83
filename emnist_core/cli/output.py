"""How commands print: a table for people, or one JSON document and nothing else; in any terminal's encoding."""

import codecs
import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any
from unicodedata import category

import typer
from rich import box
from rich.console import Console
from rich.table import Table

# What is printed holds names of files, in which brackets and colons are no markup.
screen = Console(markup=False, emoji=False)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")]

PLAIN = {"–": "-", "—": "-", "−": "-", "×": "x", "…": "...", "·": "-", "±": "+/-", "→": "->", "≥": ">=", "≤": "<="}
"""What typographic signs become where the terminal's encoding lacks them."""


def show(document: Any, as_json: bool, title: str, rows: list[dict[str, Any]]) -> None:
    """Print ``document`` as JSON, or ``rows`` as a table."""
    if as_json:
        print(json.dumps(document, ensure_ascii=not _is_utf8(screen.encoding)))
        return
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False, pad_edge=False)
    for column in rows[0] if rows else []:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    screen.print(f"{title}\n" if rows else f"{title}: none.", highlight=False, soft_wrap=True)
    if rows:
        screen.print(table)


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    # Written as the terminal can before columns are measured, for an escape is wider than what it stands for.
    return "" if value is None else harmless(str(value)).encode(screen.encoding, "plain").decode(screen.encoding)


def on_a_line(sentence: str) -> str:
    """A sentence without line breaks, whatever a name in it has."""
    return harmless(" ".join(sentence.split()))


def harmless(text: str) -> str:
    """Text without signs that steer a terminal, which names of files may have: they are written as their escapes."""
    return "".join(repr(sign)[1:-1] if category(sign) == "Cc" else sign for sign in text)


def share(value: float | None) -> str | None:
    """A share as a table shows it."""
    return None if value is None else f"{value:.2%}"


@contextmanager
def prepared_streams() -> Iterator[None]:
    """Make stdout and stderr fit for any name of a file, and keep what C libraries say about themselves off stderr.

    A character that a stream's encoding lacks is written plainly, or as its escape. TensorFlow and LiteRT log straight
    to the file behind stderr, whatever Python is told; it leads nowhere meanwhile, and ``sys.stderr`` to where it led.
    Whoever sets ``TF_CPP_MIN_LOG_LEVEL`` asked for those lines and gets them.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="plain")
    python = sys.stderr
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ or python is None:  # it is None where a shell closed it
        yield
        return
    behind = os.dup(2)
    if _descriptor(python) == 2:
        sys.stderr = open(behind, "w", encoding=python.encoding, errors="plain", buffering=1, closefd=False)  # noqa: SIM115
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        sys.stderr.flush()
        sys.stderr = python
        os.dup2(behind, 2)
        os.close(behind)


def _plainly(error: UnicodeError) -> tuple[str, int]:
    """Write typographic signs in ASCII and other characters as their escapes."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(PLAIN.get(sign) or sign.encode("ascii", "backslashreplace").decode() for sign in lacking), error.end


codecs.register_error("plain", _plainly)


def _is_utf8(encoding: str) -> bool:
    return codecs.lookup(encoding).name == "utf-8"


def _descriptor(stream: Any) -> int | None:
    try:
        return int(stream.fileno())
    except (AttributeError, OSError, ValueError):
        return None
