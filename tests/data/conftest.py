"""A server of ours, and no pauses before it is asked again."""

from collections.abc import Iterator

import pytest

from emnist_core.data import web
from tests.helpers import server
from tests.helpers.sample_archive import CONTENT


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "PAUSE", 0.001)
    monkeypatch.setattr(web, "TIMEOUT", (2.0, 0.5))
    monkeypatch.delenv("EMNIST_URL", raising=False)


@pytest.fixture
def nearby() -> Iterator[server.Manners]:
    """A server that has the archive at ``/gzip.zip`` and its files one by one under ``/files/``."""
    with server.running(CONTENT) as manners:
        yield manners
