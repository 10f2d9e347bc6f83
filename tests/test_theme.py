"""The colours of our own HTML are those of Streamlit's theme, and of charts where they mean the same."""

import re
import tomllib

import pytest

from emnist_core import paths
from emnist_core.charts.style import HEAT, MARKS, NEUTRAL, TRAIN

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


def test_the_heat_of_a_cell_is_that_of_charts() -> None:
    full = [int(part) for part in re.findall(r"\d+", HEAT[-1][1])]
    assert "--heat: #{:02x}{:02x}{:02x};".format(*full) in THEME


def test_the_sheet_to_draw_on_is_the_configurations_in_the_dark() -> None:
    assert re.search(rf"--sheet: light-dark\(#\w+, {CONFIG['dark']['secondaryBackgroundColor']}\);", THEME)


def test_the_page_to_take_home_has_the_themes_colours() -> None:
    taken = (paths.PROJECT / "emnist_core/take_home/page.css").read_text(encoding="utf-8")
    colours = [line.strip() for line in taken.splitlines() if line.startswith("  --")]
    assert len(colours) >= 6
    assert [colour for colour in colours if colour not in THEME and LITERAL.search(colour)] == []


@pytest.mark.parametrize("mark", MARKS)
def test_a_number_on_a_mark_can_be_read(mark: str) -> None:
    [on_mark] = re.findall(r"--on-mark: (#\w+);", THEME)
    assert contrast(on_mark, mark) >= 4.5


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG reckons it, from 1 to 21."""
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of ``#rrggbb``."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


LITERAL = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|oklch|lab)\([^)]*\)|:\s*(?:white|black)\b", re.IGNORECASE)


def literals(folder: str, ending: str, but: str) -> set[str]:
    """The colours that files of a folder spell out, one file aside."""
    files = [file for file in (paths.PROJECT / folder).rglob(f"*.{ending}") if file.name != but]
    assert files
    return {f"{file.name}: {colour}" for file in files for colour in LITERAL.findall(file.read_text(encoding="utf-8"))}


def test_no_other_style_sheet_spells_a_colour_out() -> None:
    assert literals("widgets", "css", but="theme.css") == set()


def test_no_other_chart_spells_a_colour_out() -> None:
    assert literals("emnist_core/charts", "py", but="style.py") == set()
