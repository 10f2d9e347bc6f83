"""Opening a page as a browser does, without one; what is on it; and run directories to open it on."""

import html
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from streamlit import config
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Element

from emnist_core import data, paths, runs
from emnist_core.evaluation.store import stored_evaluations
from emnist_core.splits import Part

PAGES = tuple(sorted(file.stem for file in (paths.PROJECT / "pages").glob("*.py")))
config.set_option("client.showErrorDetails", "full")  # so that a test that fails says why
RUNS = paths.PROJECT / "trained_models"
FIGURE = r"<dt>(.*?)</dt><dd>(.*?)(?:<small>.*?</small>)?</dd>"


def open_page(name: str, **parameters: str | list[str]) -> AppTest:
    """Open a page alone, or ``app``, by a URL with ``parameters``; a list stands in it value by value."""
    page = AppTest.from_file(paths.PROJECT / ("app.py" if name == "app" else f"pages/{name}.py"), default_timeout=120)
    for parameter, value in parameters.items():
        page.query_params[parameter] = value
    return sound(page.run())


def sound(page: AppTest) -> AppTest:
    """The page, once it has run without an exception and under its title."""
    assert not page.exception, page.exception[0].message
    assert len(page.title) == 1
    return page


def words(page: AppTest) -> str:
    """Everything that is said on the page, a line each."""
    kinds = (page.title, page.subheader, page.markdown, page.caption, page.info, page.warning, page.error)
    return "\n".join([element.value for elements in kinds for element in elements] + html_of(page))


def html_of(page: AppTest) -> list[str]:
    """Every piece of HTML on the page."""
    return [element.value for element in page.get("html") if isinstance(element, Element)]


def matrices(page: AppTest) -> list[str]:
    """The confusion matrices on the page, as HTML."""
    return [piece for piece in html_of(page) if 'class="matrix"' in piece]


def figures(page: AppTest) -> dict[str, str]:
    """The figures that sum the page up, by what they are called."""
    shown = "".join(piece for piece in html_of(page) if 'class="figures"' in piece)
    return {html.unescape(name): html.unescape(value) for name, value in re.findall(FIGURE, shown)}


@dataclass(frozen=True)
class Shown:
    """A tile as it is described to those who cannot see it."""

    true: str
    predicted: str | None
    row: int | None


def shown_tiles(page: AppTest) -> list[Shown]:
    """The tiles of every grid on the page, in their order."""
    descriptions = re.findall(r'<figure class="tile[^>]* aria-label="([^"]*)"', "".join(html_of(page)))
    found = [
        re.fullmatch(
            r"(\S)(?: read as (\S) with [\d.]+%)?(?: \(row (\d+)\))?(?: and by the other as .+)?",
            html.unescape(description),
        )
        for description in descriptions
    ]
    assert all(found), descriptions
    return [Shown(m[1], m[2], None if m[3] is None else int(m[3])) for m in found if m]


def sample_title(split: str = "balanced", part: Part = "test") -> str:
    """What the Confusion page calls the bundled sample."""
    dataset = data.load(split, part, "sample")
    return f"{dataset.name}, {part} (n = {len(dataset):,})"


def emnist_title(run: str) -> str:
    """What a shipped run's kept evaluation on EMNIST is called, whose images are not here."""
    found = next(e for e in stored_evaluations(runs.find(run)) if not e.is_sample)
    return f"{found.data_name}, {found.part} (n = {found.n:,})"


def copy_run(name: str, target: Path) -> Path:
    """Copy a shipped run, all but the weights that only training reads."""
    return Path(shutil.copytree(RUNS / name, target, ignore=shutil.ignore_patterns("*.keras")))
