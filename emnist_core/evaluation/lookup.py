"""Which evaluations there are, and which there could be: what pages let one choose from."""

from collections.abc import Sequence

from emnist_core import data
from emnist_core.data import Dataset
from emnist_core.errors import EmnistError
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.store import fits, stored, stored_evaluations
from emnist_core.runs import Run


def test_parts(run: Run) -> list[Dataset]:
    """The test parts on this machine that the run's classes fit: the fetched ones, then the sample."""
    installed = data.installed()
    splits = [row.split for row in installed.itertuples() if row.part == "test" and fits(run, str(row.split))]
    parts = [data.load(str(split), "test", "emnist") for split in splits]
    if run.recipe.split != "byclass":
        parts.append(data.load(run.recipe.split, "test", "sample"))
    return parts


def on_same_images(evaluation: Evaluation, runs: Sequence[Run]) -> dict[str, Evaluation]:
    """By run name, what other runs answered to the very same images; a run that was trained on some is left out."""
    found: dict[str, Evaluation] = {}
    for run in runs:
        if run.name == evaluation.run_name or not fits(run, evaluation.split):
            continue
        others = [e for e in stored_evaluations(run) if e.data_sha256 == evaluation.data_sha256]
        same = [e for e in (other.at(evaluation.rows) for other in others) if e.n == evaluation.n]
        if same:
            found[run.name] = same[0]
    return found


def unread(evaluation: Evaluation, runs: Sequence[Run]) -> list[tuple[Run, Dataset]]:
    """The runs that could read the evaluation's images and have not, each with what it would read."""
    return [
        (run, dataset)
        for run in runs
        if fits(run, evaluation.split)
        for dataset in test_parts(run)
        if dataset.sha256 == evaluation.data_sha256 and _lacks(run, dataset)
    ]


def _lacks(run: Run, dataset: Dataset) -> bool:
    try:
        return stored(run, dataset) is None
    except EmnistError:
        return False
