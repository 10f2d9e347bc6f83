"""Make a finished run one of those that ship: ``python tools/ship_run.py RUN [--name NAME]``.

Copies it to ``trained_models/`` without what only its training needed, evaluates it on the test part of EMNIST
and on the sample's, and writes its model card. A ``model.keras`` over the size limit stays behind (the card
says so): the serving model holds the same weights in float16.
"""

import argparse
import shutil

from emnist_core import data, model_card, places, runs
from emnist_core.evaluation.predictions import evaluate

LARGEST_KERAS_FILE = 10_000_000
KEPT = ("recipe.json", "status.json", "metrics.jsonl", "serving.json", "model.tflite", "model.keras")


def ship(run: runs.Run, name: str) -> runs.Run:
    """Copy, evaluate, describe; returns the shipped run."""
    shipped = runs.Run(places.SHIPPED_RUNS / name)
    shutil.rmtree(shipped.path, ignore_errors=True)
    shipped.path.mkdir(parents=True)
    for file in KEPT:
        source = run.path / file
        if source.exists() and not (file == "model.keras" and source.stat().st_size > LARGEST_KERAS_FILE):
            shutil.copy(source, shipped.path / file)
    status = shipped.status()
    status.pid = status.process_started = None
    shipped.write_status(status)
    for source in ("emnist", "sample"):
        evaluation = evaluate(shipped, data.load(shipped.recipe.split, "test", source))
        print(f"{name} on {evaluation.data_name}: {evaluation.accuracy:.2%} (n = {evaluation.n:,})")
    model_card.write(shipped)
    return shipped


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run")
    parser.add_argument("--name")
    arguments = parser.parse_args()
    found = runs.find(arguments.run)
    ship(found, arguments.name or found.name)
