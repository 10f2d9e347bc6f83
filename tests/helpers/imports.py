"""The import statements of the code, read and not run, and what they break of the floors that are drawn."""

import ast
import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from emnist_core import paths

Imports = Mapping[str, set[str]]
"""By file, as ``emnist_core/data/library``: the files that it imports, late imports and those for types as well."""


def code_files() -> list[Path]:
    """Every Python file of the app."""
    folders = ("emnist_core", "pages", "widgets")
    return [paths.PROJECT / "app.py", *sorted(file for top in folders for file in (paths.PROJECT / top).rglob("*.py"))]


def names_imported(file: Path) -> Iterator[str]:
    """The dotted names of every import statement in ``file``, also those inside functions."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file} imports by dots; write the whole name"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports_between_files() -> Imports:
    """What each file of the app imports of the others."""
    files = {_name(file): file for file in code_files()}
    return {name: set(_within(files, names_imported(file))) - {name} for name, file in files.items()}


def _name(file: Path) -> str:
    return file.relative_to(paths.PROJECT).with_suffix("").as_posix().removesuffix("/__init__")


def _within(files: Mapping[str, Path], names: Iterator[str]) -> Iterator[str]:
    for name in names:
        path = name.replace(".", "/")
        for candidate in (path, path.rpartition("/")[0]):
            if candidate in files:
                yield candidate
                break


def drawn_floors(page: str) -> list[list[str]]:
    """The rooms of each floor, from the top down, that the block under ``## Floors`` of a Markdown page draws."""
    block = re.search(r"^## Floors\n.*?^```\w*\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert block, "docs/architecture.md has no block under a heading `## Floors`"
    lines = [line.partition(":")[2] for line in block[1].splitlines() if line.strip()]
    return [[_as_path(room) for room in line.split()] for line in lines]


def _as_path(room: str) -> str:
    return room.removesuffix(".py").replace(".", "/").strip("/")


def broken_floors(floors: list[list[str]], imports: Imports) -> list[str]:
    """A line for each file without a room, and for each import that goes up or to another room on the same floor."""
    floor_of = {room: number for number, rooms in enumerate(floors) for room in rooms}
    lines = []
    for file in sorted(imports):
        # A package's own file that holds its docstring alone stands nowhere.
        room = room_of(file, floor_of)
        if room is None:
            if imports[file] or any(file in imported for imported in imports.values()):
                lines.append(f"{file} has no room")
            continue
        for other in sorted(imports[file]):
            target = room_of(other, floor_of)
            if target is None or target == room:
                continue
            if floor_of[target] < floor_of[room]:
                lines.append(f"{file} imports {other}, from a floor above")
            elif floor_of[target] == floor_of[room]:
                lines.append(f"{file} imports {other}, from the same floor")
    return lines


def room_of(file: str, rooms: Mapping[str, int]) -> str | None:
    """The innermost of ``rooms`` that ``file`` is in."""
    around = [room for room in rooms if file == room or file.startswith(f"{room}/")]
    return max(around, key=len, default=None)


def circle(imports: Imports) -> list[str]:
    """Files of which each imports the one before, the first and the last the same; none where there is no circle."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []
