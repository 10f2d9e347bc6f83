"""The commands that have runs answer: on a whole test part, one run or several together, and on pictures."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from emnist_core.arrays import Pixels
from emnist_core.cli.output import Json, on_a_line, show
from emnist_core.errors import ImageError
from emnist_core.splits import DatasetKind, Part

SplitOption = Annotated[str | None, typer.Option(help="The split; default: the one the (first) run was trained on.")]
PartOption = Annotated[Part, typer.Option(help="The part; of train, only what the runs were not trained on.")]
KindOption = Annotated[
    DatasetKind, typer.Option("--dataset-kind", "--source", help="EMNIST, the bundled sample, or EMNIST where it is.")
]


def evaluate(
    run: Annotated[str, typer.Argument(help="A run's name or directory.")],
    split: SplitOption = None,
    part: PartOption = "test",
    dataset_kind: KindOption = "auto",
    as_json: Json = False,
) -> None:
    """Evaluate a run on a split it fits; predictions are kept in the run."""
    from emnist_core import data, model_card, runs
    from emnist_core.evaluation.intervals import in_words
    from emnist_core.evaluation.store import evaluate as evaluate_run

    chosen = runs.find(run)
    dataset = data.load(split or chosen.recipe.split, part, dataset_kind)
    evaluation = evaluate_run(chosen, dataset)
    model_card.renew(chosen)
    if as_json:
        show(evaluation.summary(), True, "", [])
        return
    figures = {
        "images": evaluation.n,
        "left out": "unknown" if evaluation.left_out is None else evaluation.left_out,
        "accuracy": evaluation.accuracy,
        "95 % interval": in_words(*evaluation.interval),
        "ambiguity-merged": evaluation.ambiguity_merged,
        "top 5": evaluation.top5,
        "macro F1": evaluation.macro_f1,
        "calibration error": evaluation.ece,
        "coverage at 99 %": evaluation.coverage_at_99,
    }
    lines = [{"figure": name, "value": value} for name, value in figures.items()]
    show(None, False, f"{evaluation.run_name} on {evaluation.data_name}, {part} part", lines)
    rows = evaluation.per_class.sort_values("wrong", ascending=False).head(10).to_dict(orient="records")
    show(None, False, "Classes with the most wrong", [{str(k): v for k, v in row.items()} for row in rows])


def ensemble(
    runs: Annotated[list[str], typer.Argument(help="Names or directories of runs with the same classes.")],
    split: SplitOption = None,
    part: PartOption = "test",
    dataset_kind: KindOption = "auto",
    as_json: Json = False,
) -> None:
    """Evaluate runs alone and together, on images as they are and on the mean over five places of each."""
    from emnist_core import data
    from emnist_core.evaluation import ensemble
    from emnist_core.evaluation.intervals import in_words
    from emnist_core.runs import find

    members = [find(run) for run in runs]
    dataset = data.load(split or members[0].recipe.split, part, dataset_kind)
    rows: list[dict[str, Any]] = [
        {
            "runs": [run.name for run in result.runs],
            "views": result.views,
            "n": result.evaluation.n,
            "accuracy": result.evaluation.accuracy,
            "interval": list(result.evaluation.interval),
            "ambiguity_merged": result.evaluation.ambiguity_merged,
            "ece": result.evaluation.ece,
        }
        for result in ensemble.evaluate(members, dataset)
    ]
    table = [
        {
            "runs": " + ".join(row["runs"]),
            "views": row["views"],
            "accuracy": f"{row['accuracy']:.2%}",
            "95 %": in_words(*row["interval"]),
            "ambiguity-merged": f"{row['ambiguity_merged']:.2%}",
        }
        for row in rows
    ]
    show(rows, as_json, f"On {dataset.name}, {part} part (n = {rows[0]['n']:,})", table)


def predict(
    images: Annotated[list[Path], typer.Argument(help="Pictures of one character each.")],
    run: Annotated[str, typer.Option(help="A run's name or directory.")] = "lenet5-v2",
    top: Annotated[int, typer.Option(min=1, max=62, help="How many labels to give.")] = 5,
    as_json: Json = False,
) -> None:
    """Name the character in each picture."""
    from emnist_core import runs
    from emnist_core.serving import recognizer

    serving = recognizer.recognizer(runs.find(run))
    rows: list[dict[str, Any]] = []
    refused = []
    for path in images:
        try:
            character, notes = _character(path)
        except ImageError as error:
            refused.append(str(error))
            continue
        rows.append({"file": str(path), "top": serving.top(character, top), "notes": list(notes)})
    table = [
        {
            "file": row["file"],
            "top": "  ".join(f"{best['label']} {best['probability']:.1%}" for best in row["top"]),
            "notes": " ".join(row["notes"]),
        }
        for row in rows
    ]
    if rows:
        show(rows, as_json, f"Read by {serving.name}", table)
    # One bad picture keeps none of the others from being read.
    for sentence in refused[:-1]:
        print(on_a_line(sentence), file=sys.stderr)
    if refused:
        raise ImageError(refused[-1])


def _character(path: Path) -> tuple[Pixels, tuple[str, ...]]:
    """The picture's character as a 28x28 image, and what was left out of the picture or found twice."""
    from emnist_core.ink import conversion
    from emnist_core.ink.picture import read_picture

    try:
        content = path.read_bytes()
    except OSError as error:
        raise ImageError(f"{path} cannot be read ({error.strerror}); check the name.") from None
    try:
        picture = read_picture(content)
        return conversion.convert(picture.ink).image, picture.notes
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from None
