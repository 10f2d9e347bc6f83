"""CSS and JavaScript, read from the files that lie beside the Python that mounts them."""

from functools import cache
from pathlib import Path

THEME = Path(__file__).with_name("theme.css")


@cache
def css(module: str) -> str:
    """The style sheet of a module, ``css(__file__)``: a ``<style>`` with its own rules after the theme's colours.

    Raises:
        FileNotFoundError: when no ``.css`` of the module's name lies beside it.
    """
    return f"<style>{_read(THEME)}{_read(Path(module).with_suffix('.css'))}</style>"


@cache
def theme() -> str:
    """The theme's colours, and what they mend of Streamlit's own, for the top of every page."""
    return f"<style>{_read(THEME)}</style>"


@cache
def js(module: str) -> str:
    """The script of a module, ``js(__file__)``, from the ``.js`` of its name.

    Raises:
        FileNotFoundError: when there is none.
    """
    return _read(Path(module).with_suffix(".js"))


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
