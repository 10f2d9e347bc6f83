"""A run that ships, copied so that a test may spoil it."""

import shutil
from pathlib import Path

from emnist_core import data, paths
from emnist_core.files import write_json
from emnist_core.runs import DataUsed, Run, checksums


def copy_of(name: str, folder: Path) -> Run:
    """A copy in ``folder`` of the run ``name`` that ships, without its evaluations and checksums."""
    ignore = shutil.ignore_patterns("evaluation", checksums.FILE)
    return Run(Path(shutil.copytree(paths.SHIPPED_RUNS / name, folder / name, ignore=ignore)))


def as_if_trained_on_the_sample(run: Run) -> Run:
    """The run, its recipe and status saying that it was trained on the bundled sample."""
    status, dataset = run.status(), data.load(run.recipe.split, "train", "sample")
    write_json(run.path / "recipe.json", run.recipe.model_dump() | {"dataset_kind": "sample"})
    training, begin = run.recipe.divide(len(dataset))
    status.data = DataUsed(
        name=dataset.name,
        sha256=dataset.sha256,
        is_sample=True,
        training_images=training,
        validation_images=len(dataset) - begin,
    )
    run.write_status(status)
    return Run(run.path)


def moved(run: Run) -> Run:
    """The run at another place, where it is read as by a new process: nothing is remembered of it."""
    folder = run.path.parent / "elsewhere"
    folder.mkdir(parents=True)
    return Run(run.path.rename(folder / run.name))
