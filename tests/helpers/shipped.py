"""A run that ships, copied so that a test may spoil it."""

import shutil
from pathlib import Path

from emnist_core import paths
from emnist_core.runs import Run


def copy_of(name: str, folder: Path) -> Run:
    """A copy in ``folder`` of the run ``name`` that ships, without its evaluations."""
    ignore = shutil.ignore_patterns("evaluation")
    return Run(Path(shutil.copytree(paths.SHIPPED_RUNS / name, folder / name, ignore=ignore)))
