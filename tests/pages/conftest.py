"""Runs that pages open on."""

from pathlib import Path

import pytest

from emnist_core import paths


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the runs that ship: an empty one, for the test to fill."""
    folder = (tmp_path / "trained_models").resolve()
    folder.mkdir()
    monkeypatch.setattr(paths, "SHIPPED_RUNS", folder)
    return folder
