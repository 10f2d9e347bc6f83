"""A command called in this process, a run for it and pictures."""

import sys
from pathlib import Path

import pytest
from PIL import Image

from emnist_core import cli, data
from emnist_core.runs import Run
from tests.helpers.command_line import Answer, Call
from tests.helpers.shipped import copy_of


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run a command in this process; also what C libraries print is caught."""

    def called(*arguments: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["emnist_core", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return Answer(int(ended.value.code or 0), *capfd.readouterr())

    return called


@pytest.fixture
def run(home: Path) -> Run:
    """A run of one's own that can be evaluated."""
    return copy_of("lenet5", home / "runs")


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Two characters of the sample as large pictures, dark on light."""
    paths = [tmp_path / "one.png", tmp_path / "zwei ü.png"]
    for path, image in zip(paths, data.load("balanced", "test", "sample").images[:2], strict=True):
        Image.fromarray(255 - image).resize((280, 280), Image.Resampling.BICUBIC).save(path)
    return paths
