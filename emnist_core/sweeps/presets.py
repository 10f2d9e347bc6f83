"""Trainings to begin with, and how a recipe is named: a preset, a file, or a row of one.

sixty-seconds                a row of ``recipes/presets.toml``
recipes/ours.toml#lenet5     a row of any sweep's file
recipe.json, mine.toml       the settings of one training, as a run keeps them or as they are downloaded
"""

import json
import tomllib
from pathlib import Path
from typing import Any

from emnist_core import paths
from emnist_core.errors import RunError
from emnist_core.files import read_bytes
from emnist_core.recipe import Recipe
from emnist_core.sweeps.spec import Row, read

FILE = paths.RECIPES / "presets.toml"


def presets() -> tuple[Row, ...]:
    """The presets in the order in which they are shown."""
    return read(FILE).rows


def preset_of(recipe: Recipe) -> Row | None:
    """The preset that has this very recipe, if one has."""
    return next((row for row in presets() if row.recipe == recipe), None)


def settings(named: str) -> dict[str, Any]:
    """The settings that a recipe's name stands for, those left out being at their defaults.

    Raises:
        RunError: when there is no such preset, file or row, or the file makes no sense.
    """
    file, has_row, row = named.rpartition("#")
    if has_row:
        return _of(read(_file(file)).only([row]).rows[0].full_recipe)
    for preset in presets():
        if preset.name == named:
            return _of(preset.full_recipe)
    path = _file(named)
    content = _content(path)
    if "row" not in content:
        return content
    rows = read(path).rows
    if len(rows) > 1:
        raise RunError(f"{named} has several rows; name one: {named}#{rows[0].name}.")
    return _of(rows[0].full_recipe)


def _of(recipe: Recipe) -> dict[str, Any]:
    return recipe.model_dump(exclude_defaults=True)


def _file(named: str) -> Path:
    """A file, looked for here and beside what ships."""
    for path in (Path(named), paths.PROJECT / named):
        if path.is_file():
            return path
    names = ", ".join(row.name for row in presets())
    raise RunError(f"There is no recipe {named}; give a file, recipes/ours.toml#lenet5 for a row of one, or {names}.")


def _content(path: Path) -> dict[str, Any]:
    try:
        text = read_bytes(path).decode()
        content = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except (OSError, ValueError):
        kind = "TOML" if path.suffix == ".toml" else "JSON"
        raise RunError(f"{path} cannot be read as {kind}; give a recipe file like a run's recipe.json.") from None
    if not isinstance(content, dict):
        raise RunError(f"{path} holds no settings; give a recipe file like a run's recipe.json.")
    return content
