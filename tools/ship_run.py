"""Make a finished run one of those that ship: ``python -m tools.ship_run DIRECTORY``.

Evaluates it on the test part of EMNIST and on the sample's, writes its model card, and copies it to
``trained_models/`` without what only its training needed. A ``model.keras`` over the size limit stays behind (the card
says so): the serving model holds the same weights in float16.
"""

import argparse
import shutil
from pathlib import Path

from emnist_core import data, model_card, paths, runs
from emnist_core.evaluation.store import evaluate
from emnist_core.runs import checksums
from tools.remember_training import remember

LARGEST_KERAS_FILE = 10_000_000
LEFT_BEHIND = ("log.txt", ".reserve", "stop")


def ship(run: runs.Run) -> runs.Run:
    """Evaluate, describe, copy; returns the shipped run."""
    remember(run)  # a run of before the leak guard has no record of what it has seen
    for source in ("emnist", "sample"):
        evaluation = evaluate(run, data.load(run.recipe.split, "test", source))
        print(f"{run.name} on {evaluation.data_name}: {evaluation.accuracy:.2%} (n = {evaluation.n:,})")
    shipped = runs.Run(paths.SHIPPED_RUNS / run.name)
    shutil.rmtree(shipped.path, ignore_errors=True)
    shutil.copytree(run.path, shipped.path, ignore=shutil.ignore_patterns(*LEFT_BEHIND))
    if shipped.keras_file.exists() and shipped.keras_file.stat().st_size > LARGEST_KERAS_FILE:
        shipped.keras_file.unlink()
    status = shipped.status()
    status.worker = status.message = None
    shipped.write_status(status)
    model_card.write(shipped)
    checksums.note_all(shipped.path)
    return shipped


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory")
    # By directory, since a run's name may mean the one that ships already.
    ship(runs.Run(Path(parser.parse_args().directory).resolve()))
