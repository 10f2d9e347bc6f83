"""A recipe as text to take along: a TOML file and a command line; ``training.script`` has it as a script."""

import json
import shlex
from typing import Any

from emnist_core.recipe import Recipe

OPTIONS = ("model", "split", "optimizer", "learning_rate", "batch_size", "epochs", "seed")
"""The settings that ``train`` takes as options of their own."""


def to_toml(recipe: Recipe, name: str) -> str:
    """The recipe as a TOML file for ``train --recipe FILE``, with every setting that has a value."""
    settings = {setting: value for setting, value in recipe.model_dump().items() if value is not None}
    lines = [f"# {name}: python -m emnist_core train --recipe FILE"]
    return "\n".join([*lines, *(f"{setting} = {_value(value)}" for setting, value in settings.items())]) + "\n"


def to_command(recipe: Recipe) -> str:
    """The command line that trains the recipe, with the settings that are not at their defaults."""
    words = ["python", "-m", "emnist_core", "train"]
    for setting, value in recipe.model_dump(exclude_defaults=True).items():
        if setting in OPTIONS:
            words += [f"--{setting.replace('_', '-')}", str(value)]
        else:
            written = value if isinstance(value, str) else _value(value)
            words += ["--set", f"{setting}={written}"]
    return shlex.join(words)


def _value(value: Any) -> str:
    """A value as TOML and JSON both have it."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
