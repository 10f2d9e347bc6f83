"""What every test gets: a home of its own, and the real EMNIST files where there are any."""

import os
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

# No test is timed: a busy machine makes the first example slow.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

SLOW = ("browser", "training", "sweeps", "models", "serving/test_feature_maps.py")
"""Where all tests open a browser or bring TensorFlow; of the rest, some tests are marked slow."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="leave out the tests that take long")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes seconds, or brings TensorFlow; left out by --quick")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Under ``--quick`` what is all slow is not even imported."""
    return True if config.getoption("quick") and _place(collection_path) < len(SLOW) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what is slow, so that at the end two workers share what is short."""
    if config.getoption("quick"):
        slow = [item for item in items if item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]
    items.sort(key=lambda item: _place(item.path))


def _place(path: Path) -> int:
    """Where ``path`` stands in ``SLOW``, or its end."""
    folder = Path(__file__).parent
    return next((number for number, slow in enumerate(SLOW) if path.is_relative_to(folder / slow)), len(SLOW))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """A quick test does not bring what takes five seconds to load."""
    before = "tensorflow" in sys.modules
    yield
    brought = "tensorflow" in sys.modules and not before
    assert not (brought and item.config.getoption("quick")), f"{item.nodeid} imports TensorFlow; mark it slow"


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty ``EMNIST_HOME`` for this test alone."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("EMNIST_HOME", str(folder))
    monkeypatch.setenv("EMNIST_KEEP_WARM", "0")  # no worker outlives its test
    return folder


@pytest.fixture(scope="session")
def emnist_files() -> Path:
    """The folder of real EMNIST files that ``EMNIST_TEST_DATA`` names; without it the test is skipped."""
    named = os.environ.get("EMNIST_TEST_DATA")
    if not named:
        pytest.skip("EMNIST_TEST_DATA does not name a folder of real EMNIST files")
    return Path(named)
