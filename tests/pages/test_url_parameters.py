"""The table of what pages' addresses may say is the code's, and no two pages share a name by accident."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from emnist_core import paths
from tests.helpers.pages import open_page
from widgets import navigation
from widgets.navigation import PARAMETERS

FILES = {
    ".".join(file.relative_to(paths.PROJECT).with_suffix("").parts).removesuffix(".__init__"): file
    for folder in ("pages", "widgets")
    for file in sorted((paths.PROJECT / folder).rglob("*.py"))
}
TREES = {name: ast.parse(file.read_text(encoding="utf-8")) for name, file in FILES.items()}


def reached(name: str) -> set[str]:
    """The modules of the interface that a module stands on, itself included."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            waiting += imported(module)
    return seen


def imported(name: str) -> Iterator[str]:
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield from [found for found in (f"{node.module}.{alias.name}", node.module) if found in FILES][:1]
    if name == "pages.explore":  # it imports a section when its tab is opened
        yield from (module for module in FILES if module.startswith("widgets.explore."))


def bound(module: str) -> set[str]:
    """The parameters that a module's widgets bind under names of their own."""
    return {
        key.value
        for call in ast.walk(TREES[module])
        if isinstance(call, ast.Call)
        and (any(word.arg == "bind" for word in call.keywords) or ast.unparse(call.func).endswith("choose_one"))
        for key in [word.value for word in call.keywords if word.arg == "key"]
        if isinstance(key, ast.Constant)
    }


@pytest.mark.parametrize("page", PARAMETERS)
def test_the_table_has_what_the_page_binds(page: str) -> None:
    text = "\n".join(FILES[module].read_text(encoding="utf-8") for module in reached(f"pages.{page}"))
    named = {name for name in PARAMETERS[page] if f'"{name}"' in text or f'{name.removesuffix("pen")}pen"' in text}
    assert named == set(PARAMETERS[page]), "the table names what no widget of the page has"
    own = set().union(*(bound(module) for module in reached(f"pages.{page}")))
    shared = set().union(*(bound(module) for module in FILES if module.startswith("widgets.parts.")))
    assert own - shared <= set(PARAMETERS[page]), "the table lacks what a widget of the page has"


def test_a_name_that_several_pages_have_means_the_same_on_each() -> None:
    meanings: dict[str, set[str]] = {}
    for parameters in PARAMETERS.values():
        for name, meaning in parameters.items():
            meanings.setdefault(name, set()).add(meaning)
    assert {name for name, several in meanings.items() if len(several) > 1} == set()


def test_every_page_is_in_the_table() -> None:
    assert set(PARAMETERS) == {Path(file).stem for file in (paths.PROJECT / "pages").glob("*.py")}


@pytest.mark.parametrize("page", PARAMETERS)
def test_no_state_of_a_page_has_the_name_of_another_pages_parameter(page: str) -> None:
    """Streamlit keeps it for the next page, whose widget of that name would begin with it."""
    modules = [name for name in FILES if name == f"pages.{page}" or name.startswith(f"widgets.{page}.")]
    foreign = {name for other in PARAMETERS for name in PARAMETERS[other]} - set(PARAMETERS[page])
    assert set().union(*(states(module) for module in modules)) & foreign == set()


def states(module: str) -> set[str]:
    """What a module names in the session: keys of its widgets, and what it reads or sets."""
    names = []
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Call):
            names += [word.value for word in node.keywords if word.arg == "key"]
            is_state = isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "st.session_state"
            names += node.args[:1] if is_state else []
        elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "st.session_state":
            names.append(node.slice)
    return {name.value for name in names if isinstance(name, ast.Constant)}


def test_a_link_names_only_what_its_page_has() -> None:
    with pytest.raises(ValueError, match="Sketch has no URL parameter row"):
        navigation.link("sketch", "Change it by hand", {"row": "7"})


@pytest.mark.parametrize("value", ["", "zzz", "-1", "99999999999999999999"])
@pytest.mark.parametrize("name", PARAMETERS)
def test_an_address_of_nonsense_opens_its_page(name: str, value: str) -> None:
    open_page(name, **dict.fromkeys(PARAMETERS[name], value))


@pytest.mark.parametrize("name", ["method", "way"])
def test_a_choice_that_is_empty_is_the_first(name: str) -> None:
    page = {"method": "image", "way": "sketch"}[name]
    open_page(page, **{name: ""})
