"""Which files a piece of code opens."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

_listening: list[list[str]] = []


@contextmanager
def files_opened() -> Iterator[list[str]]:
    """The paths of the files that are opened in the body, in their order, whoever opens them in this process."""
    _listen()
    opened: list[str] = []
    _listening.append(opened)
    try:
        yield opened
    finally:
        _listening.remove(opened)


@cache  # once: Python cannot take such a hook away again
def _listen() -> None:
    sys.addaudithook(_note)


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open":
        for opened in _listening:
            opened.append(str(arguments[0]))
