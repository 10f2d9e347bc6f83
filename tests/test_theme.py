"""The colours of our own HTML are those of Streamlit's theme, and of charts where they mean the same."""

import re
import tomllib

import pytest

from emnist_core import paths
from emnist_core.charts.style import NEUTRAL, TRAIN

THEME = (paths.PROJECT / "widgets" / "theme.css").read_text(encoding="utf-8")
CONFIG = tomllib.loads((paths.PROJECT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]


@pytest.mark.parametrize(
    ("name", "option"), [("paper", "backgroundColor"), ("text", "textColor"), ("accent", "primaryColor")]
)
def test_a_colour_is_the_configurations_in_both_themes(name: str, option: str) -> None:
    light, dark = CONFIG["light"][option], CONFIG["dark"][option]
    assert f"--{name}: light-dark({light}, {dark});" in THEME


@pytest.mark.parametrize(("name", "colour"), [("bar", TRAIN), ("rule", NEUTRAL)])
def test_a_colour_is_that_of_charts(name: str, colour: str) -> None:
    assert f"--{name}: {colour};" in THEME


def test_no_style_sheet_repeats_a_colour_of_the_theme() -> None:
    shared = set(re.findall(r"#[0-9a-f]{6}", THEME))
    sheets = [file for file in (paths.PROJECT / "widgets").rglob("*.css") if file.name != "theme.css"]
    repeated = {
        f"{file.name}: {colour}"
        for file in sheets
        for colour in re.findall(r"#[0-9a-f]{6}", file.read_text(encoding="utf-8"))
        if colour in shared
    }
    assert repeated == set()
