"""Two classes and nothing else: how a model tells one from the other, and whether a person can."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from emnist_core.arrays import Images, Indices, Labels, Maps, Pixels, Values
from emnist_core.errors import RunError
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.intervals import counted, wilson
from emnist_core.runs import DataUsed, Run

QUIZ_IMAGES = 20


def indices_of_pair(evaluation: Evaluation, first: int, second: int) -> Indices:
    """Indices of the images of either class."""
    return np.flatnonzero((evaluation.true == first) | (evaluation.true == second))


def lean(evaluation: Evaluation, indices: Indices, first: int, second: int) -> Values:
    """The probability of ``first`` when only the two classes are in question, in [0, 1], for each of ``indices``."""
    one, other = (evaluation.probabilities[indices, c].astype(float) for c in (first, second))
    both = one + other
    leans: Values = np.divide(one, both, out=np.full(len(indices), 0.5), where=both > 0)
    return leans


def chosen(evaluation: Evaluation, indices: Indices, first: int, second: int) -> Indices:
    """The class each of ``indices`` is given when the model must choose one of the two; a tie goes to ``first``."""
    return np.where(lean(evaluation, indices, first, second) >= 0.5, first, second)


def leaning(evaluation: Evaluation, first: int, second: int) -> pd.DataFrame:
    """A row for each image of either class: ``row, index, true, lean, right``, in the order of the data.

    ``row`` is the row of the data, ``index`` the image's in the evaluation.
    """
    indices = indices_of_pair(evaluation, first, second)
    share = lean(evaluation, indices, first, second)
    true = evaluation.true[indices]
    right = (share >= 0.5) == (true == first)
    return pd.DataFrame(
        {"row": evaluation.rows[indices], "index": indices, "true": true, "lean": share, "right": right}
    )


def by_run(evaluations: Mapping[str, Evaluation], runs: Mapping[str, Run], first: int, second: int) -> pd.DataFrame:
    """How each run does on the pair, best first.

    Columns: ``run``, ``trained on`` (images, where the run says so), ``first as second``,
    ``second as first``, and of the choice between the two ``right``, ``n``, ``accuracy``, ``low``, ``high``.
    """
    rows = []
    for name, evaluation in evaluations.items():
        frame = leaning(evaluation, first, second)
        used = data_used(runs[name])
        rows.append(
            {
                "run": name,
                "trained on": None if used is None else used.training_images,
                "first as second": int(evaluation.confusion[first, second]),
                "second as first": int(evaluation.confusion[second, first]),
            }
            | counted(int(frame["right"].sum()), len(frame))
        )
    return pd.DataFrame(rows).sort_values("accuracy", ascending=False, ignore_index=True)


def alike_but_for_size(run: Run, runs: Sequence[Run]) -> list[Run]:
    """Those of ``runs`` with the model and the split of ``run`` that learned from the same data, more or less of it.

    A run whose status cannot be read, or does not say what it was trained on, is left out.
    """

    def kind(run: Run) -> tuple[str, ...] | None:
        used = data_used(run)
        return None if used is None else (run.recipe.model, run.recipe.split, used.sha256, *used.extra_parts.values())

    wanted = kind(run)
    return [other for other in runs if wanted is not None and kind(other) == wanted]


def data_used(run: Run) -> DataUsed | None:
    """What the run was trained on, where its status says so."""
    try:
        return run.status().data
    except RunError:
        return None


def by_training_images(
    evaluations: Mapping[str, Evaluation], runs: Sequence[Run], first: int, second: int
) -> pd.DataFrame:
    """How often runs took either class for the other, by the number of images they were trained on, fewest first.

    Two rows a run, an error each: ``images, run, true, read, errors, n, share, low, high``. ``true`` and ``read``
    are labels, ``n`` the images of the true class, ``share`` is ``errors / n`` and ``low`` to ``high`` Wilson's
    95 % interval of it.

    Args:
        evaluations: by run name, evaluations of the same images.
        runs: ``alike_but_for_size``; one without an evaluation is passed over.
        first, second: the pair.
    """
    rows = []
    for run in runs:
        used, evaluation = data_used(run), evaluations.get(run.name)
        if used is None or evaluation is None:
            continue
        for true, read in ((first, second), (second, first)):
            errors, n = int(evaluation.confusion[true, read]), int(evaluation.confusion[true].sum())
            low, high = wilson(errors, n)
            rows.append(
                {
                    "images": used.training_images,
                    "run": run.name,
                    "true": evaluation.labels[true],
                    "read": evaluation.labels[read],
                    "errors": errors,
                    "n": n,
                    "share": errors / n if n else 0.0,
                    "low": low,
                    "high": high,
                }
            )
    columns = ["images", "run", "true", "read", "errors", "n", "share", "low", "high"]
    return pd.DataFrame(rows, columns=columns).sort_values("images", kind="stable", ignore_index=True)


def means(images: Images, true: Labels, first: int, second: int) -> tuple[Pixels, Pixels, Maps]:
    """The mean image of each class, uint8 ``(28, 28)``, and their difference, float32 in [-1, 1]; blank for none."""
    both = [
        images[true == c].mean(axis=0) if (true == c).any() else np.zeros(images.shape[1:]) for c in (first, second)
    ]
    one, other = (np.rint(mean).astype(np.uint8) for mean in both)
    return one, other, ((both[0] - both[1]) / 255).astype(np.float32)


def draw_quiz(true: Indices, first: int, second: int, number: int, count: int = QUIZ_IMAGES) -> Indices:
    """Indices of ``count`` images of the pair, as many of each class as there are up to half, in random order.

    The same ``number`` draws the same indices.
    """
    random = np.random.default_rng([number, first, second])
    half = (count // 2, count - count // 2)
    drawn = []
    for label, wanted in zip((first, second), half, strict=True):
        indices = np.flatnonzero(true == label)
        drawn.append(random.choice(indices, min(wanted, len(indices)), replace=False))
    return random.permutation(np.concatenate(drawn)).astype(np.int64)


def quiz_scores(
    answers: Mapping[int, int], evaluations: Mapping[str, Evaluation], true: Indices, first: int, second: int
) -> pd.DataFrame:
    """The person and every model on the images that the person has answered: ``who, right, n, accuracy, low, high``.

    Args:
        answers: by index, the class that the person chose.
        evaluations: by run name, evaluations of the same images.
        true: int64 ``(N,)``, the labels of all images.
        first, second: the pair; a model too has to choose one of them.
    """
    indices = np.array(sorted(answers), np.int64)
    given = {"you": np.array([answers[int(row)] for row in indices], np.int64)}
    given |= {name: chosen(evaluation, indices, first, second) for name, evaluation in evaluations.items()}
    scored = []
    for who, classes in given.items():
        scored.append({"who": who} | counted(int((classes == true[indices]).sum()), len(indices)))
    return pd.DataFrame(scored)


@dataclass(frozen=True)
class Ceiling:
    """What a model's accuracy would be if it told the pair apart as well as a person.

    Attributes:
        pair_accuracy: the model's on all images of the pair, when it must choose between the two.
        pair_n: images of the
        now: the model's accuracy on everything.
        low, middle, high: that accuracy with the pair at the person's share, and at the ends of its interval.
    """

    pair_accuracy: float
    pair_n: int
    now: float
    low: float
    middle: float
    high: float


def ceiling(evaluation: Evaluation, first: int, second: int, right: int, n: int) -> Ceiling:
    """The accuracy that a person's ``right`` of ``n`` implies for the model of ``evaluation``.

    Only answers within the pair are exchanged: images of the pair that the model takes for a third class
    stay wrong.
    """
    indices = indices_of_pair(evaluation, first, second)
    within = indices[np.isin(evaluation.predicted[indices], (first, second))]
    outside = float(evaluation.is_right.sum() - evaluation.is_right[indices].sum())
    person = counted(right, n)
    low, middle, high = ((outside + person[at] * len(within)) / evaluation.n for at in ("low", "accuracy", "high"))
    accuracy = float((chosen(evaluation, indices, first, second) == evaluation.true[indices]).mean())
    return Ceiling(accuracy, len(indices), evaluation.accuracy, low, middle, high)
