"""What every test gets: a home of its own, and the real EMNIST files where there are any."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# No test is timed: a busy machine makes the first example slow.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty ``EMNIST_HOME`` for this test alone."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("EMNIST_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def emnist_files() -> Path:
    """The folder of real EMNIST files that ``EMNIST_TEST_DATA`` names; without it the test is skipped."""
    named = os.environ.get("EMNIST_TEST_DATA")
    if not named:
        pytest.skip("EMNIST_TEST_DATA does not name a folder of real EMNIST files")
    return Path(named)
