"""Where things are kept on this machine."""

import os
from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "_shipped"
PROJECT = _INSTALLED if _INSTALLED.is_dir() else _PACKAGE.parent
"""What ships beside the package: in a checkout the folder above it, in an installed one a folder within it, where the
wheel puts it, so that both have the same models, recipes and figures without another download."""
SHIPPED_RUNS = PROJECT / "trained_models"
RECIPES = PROJECT / "recipes"
EXPERIMENTS = PROJECT / "experiments"


def home() -> Path:
    """The folder for the data cache and a person's own runs: ``EMNIST_HOME`` or the user's cache folder."""
    chosen = os.environ.get("EMNIST_HOME")
    return Path(chosen).expanduser() if chosen else platformdirs.user_cache_path("emnist-lab")


def data_cache() -> Path:
    """The folder of verified, memory-mapped EMNIST arrays."""
    return home() / "data"


def own_runs() -> Path:
    """The folder of the runs trained on this machine."""
    return home() / "runs"


def trash() -> Path:
    """The folder of deleted runs (``collection.trash``)."""
    return home() / "trash"
