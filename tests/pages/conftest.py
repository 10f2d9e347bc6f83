"""Runs that pages open on."""

from pathlib import Path

import pytest

from emnist_core import places


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the runs that ship: an empty one, for the test to fill."""
    folder = (tmp_path / "trained_models").resolve()
    folder.mkdir()
    monkeypatch.setattr(places, "SHIPPED_RUNS", folder)
    return folder
