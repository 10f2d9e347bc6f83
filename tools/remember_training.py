"""Give runs the record of what they were trained on: ``python -m tools.remember_training [RUN …]``.

For runs that were trained before such a record was kept. The images' hashes (``trained_on.npy``) are made from
the run's recipe and the very data it was trained on, which has to be in the cache. Evaluations that are kept
in the run stay where none of their images is among them, which is looked up; the others are removed, to be made
anew without those images. Without RUN it is every run that ships.
"""

import argparse
import shutil
from pathlib import Path

from emnist_core import data, model_card, runs
from emnist_core.data import image_hashes, library
from emnist_core.errors import DataError, EmnistError, RunError
from emnist_core.files import read_json, write_json
from emnist_core.splits import PARTS, SPLITS


def remember(run: runs.Run) -> None:
    """Write the run's ``trained_on.npy`` unless it has one, and put its evaluations and card in order."""
    if not run.trained_on_file.exists():
        dataset = data.load(run.recipe.split, "train", run.recipe.dataset_kind)
        used = run.status().data
        rows, _ = run.recipe.divide(len(dataset))
        if run.recipe.extra_images:
            raise RunError(
                f"{run.name} was trained on images of other splits too; train it again to have their record."
            )
        if used is None or (used.sha256, used.training_images) != (dataset.sha256, rows):
            raise RunError(
                f"{run.name} was trained on other data than the cached {dataset.name}; fetch those rows first."
            )
        image_hashes.save(run.trained_on_file, dataset.images[:rows])
    for folder in sorted((run.path / "evaluation").glob("*/")):
        _settle(run, folder)
    model_card.write(run)


def _settle(run: runs.Run, folder: Path) -> None:
    """Say in a kept evaluation that nothing had to be left out, after looking; remove it where that is not so."""
    metrics = read_json(folder / "metrics.json")
    if metrics.get("left_out") is not None:
        return
    seen = run.trained_on()
    assert seen is not None
    overlap = int(image_hashes.known(_with_hash(metrics["data"]["sha256"]).images, seen).sum())
    if overlap:
        shutil.rmtree(folder)
    else:
        write_json(folder / "metrics.json", metrics | {"left_out": 0})
    print(f"{run.name}, {folder.name}: {overlap} images it was trained on")


def _with_hash(sha256: str) -> data.Dataset:
    """The dataset on this machine that has this hash."""
    for name in SPLITS:
        for part in PARTS:
            if dataset := library.with_hash(name, part, sha256):
                return dataset
    raise DataError(f"The data with the hash {sha256} is not on this machine; fetch it first.")


def main() -> None:
    """Take the runs' names or directories."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", nargs="*")
    names = parser.parse_args().run
    for run in [runs.find(name) for name in names] or [run for run in runs.list_runs() if run.is_shipped]:
        try:
            remember(run)
        except EmnistError as error:
            print(error)


if __name__ == "__main__":
    main()
