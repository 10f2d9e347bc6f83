"""What the documentation says there is, is there, and what there is, it says."""

import ast
import re
from pathlib import Path

import pytest
import typer

from emnist_core import cli, paths
from emnist_core.recipe import OLD_NAMES, Recipe

DOCS = paths.PROJECT / "docs"
PAGES = [paths.PROJECT / "README.md", *sorted(DOCS.glob("*.md"))]
COMMANDS = typer.main.get_command(cli.app).commands  # type: ignore[attr-defined]  # a group, as there are several


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def first_column(text: str) -> list[str]:
    """What stands in code style at the beginning of each table row."""
    return re.findall(r"^\| `([^`]+)`", text, re.MULTILINE)


def command_rows(command: typer.core.TyperCommand) -> list[str]:
    """The table rows that tell a command's arguments and options."""
    rows = []
    for parameter in command.params:
        if parameter.name == "as_json":
            continue
        is_argument = parameter.param_type_name == "argument"
        name = parameter.name.upper() if is_argument else parameter.opts[0]
        default = "" if is_argument or parameter.default in (None, False) else f" Default: {parameter.default}."
        rows.append(f"| `{name}` | {parameter.help}{default} |")
    return rows


def test_every_command_is_documented_with_every_option_and_no_other():
    sections = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", text_of("commands.md"), re.MULTILINE | re.DOTALL))
    assert list(sections) == list(COMMANDS)
    for name, section in sections.items():
        assert (COMMANDS[name].help or "").strip() in section
        rows = [line for line in section.splitlines() if line.startswith("| `")]
        assert rows == command_rows(COMMANDS[name]), name


def test_the_readme_names_every_command():
    told = (paths.PROJECT / "README.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"`{name}`" not in told] == []


def test_every_command_that_a_page_tells_can_be_run():
    told = {match for page in PAGES for match in re.findall(r"-m emnist_core ([a-z-]+)", page.read_text("utf-8"))}
    assert told
    assert told <= set(COMMANDS)


def test_every_option_that_a_page_shows_is_the_commands():
    for page in PAGES:
        for name, rest in re.findall(r"-m emnist_core ([a-z-]+)([^\n`#|]*)", page.read_text("utf-8")):
            options = {option for parameter in COMMANDS[name].params for option in parameter.opts} | {"--help"}
            assert set(re.findall(r"(?<!\S)--[a-z-]+", rest)) <= options, f"{page.name}: {name}{rest}"


def test_every_setting_of_a_recipe_is_documented_with_its_default():
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \|", text_of("recipe.md"), re.MULTILINE)
    assert [name for name, _ in rows] == list(Recipe.model_fields)
    for name, told in rows:
        default = getattr(Recipe(), name)
        shown = {None: "–", (): "none", 1 / 6: "1/6"}.get(default, str(default))
        assert told.strip(" `") == shown, name


def test_every_old_name_of_a_setting_is_documented():
    told = dict(re.findall(r"`(\w+)` is now `(\w+)`", text_of("recipe.md")))
    assert told == OLD_NAMES


def variables_read(file: Path) -> set[str]:
    """The names of environment variables that a file asks for, itself or by a constant."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {word for word in words if re.fullmatch(r"EMNIST_[A-Z_]+|TFDS_DATA_DIR", word)}


def test_every_environment_variable_is_documented():
    folders = ("emnist_core", "widgets", "pages", "tools", "tests")
    files = [file for folder in folders for file in (paths.PROJECT / folder).rglob("*.py")]
    read = set().union(*map(variables_read, [paths.PROJECT / "app.py", *files]))
    assert set(first_column(text_of("environment.md"))) == read


ROOMS = sorted(
    f"{top}/{place.name}" + ("/" if place.is_dir() else "")
    for top in ("emnist_core", "widgets")
    for place in (paths.PROJECT / top).iterdir()
    if not place.name.startswith(("_", ".")) and (place.is_dir() or place.suffix == ".py")
)


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_told_in_the_architecture(room: str):
    assert f"`{room}`" in text_of("architecture.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_is_told_of_is_there(page: Path):
    tops = "emnist_core|widgets|pages|tools|benchmarks|tests|recipes|experiments|docs|trained_models"
    told = re.findall(rf"`((?:{tops})/[\w./-]*)`", page.read_text(encoding="utf-8"))
    assert [name for name in told if not (paths.PROJECT / name).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_module_that_is_to_be_run_is_there(page: Path):
    told = re.findall(r"-m ((?:tools|benchmarks)\.\w+)", page.read_text(encoding="utf-8"))
    assert [name for name in told if not (paths.PROJECT / f"{name.replace('.', '/')}.py").exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_page_leads_somewhere(page: Path):
    told = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [name for name in told if not (page.parent / name).exists()] == []


def test_what_a_notebook_is_shown_can_be_run():
    first = re.findall(r"```python\n(.*?)```", text_of("library.md"), re.DOTALL)[0]
    shown: dict[str, object] = {}
    exec(first.replace('data.fetch("balanced")', ""), shown)
    assert {"train", "recognizer"} <= set(shown)
