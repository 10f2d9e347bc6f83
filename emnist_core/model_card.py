"""A run's model card: what it is, what it was trained on, how well it does, its limits."""

from emnist_core.errors import RunError
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.intervals import in_words
from emnist_core.evaluation.store import stored_evaluations
from emnist_core.files import write_atomically
from emnist_core.runs import Run, Serving, checksums


def write(run: Run) -> None:
    """Write ``README.md`` of the run from what its other files say."""
    card = run.path / "README.md"
    with checksums.renewing(card), write_atomically(card) as temporary:
        temporary.write_text(text(run), encoding="utf-8")


def text(run: Run) -> str:
    """The card as Markdown."""
    recipe, status, spec = run.recipe, run.status(), run.recipe.spec
    given = {name: value for name, value in recipe.model_dump().items() if value not in (None, ())}
    settings = "\n".join(
        f"| {name} | {', '.join(value) if isinstance(value, tuple) else value} |" for name, value in given.items()
    )
    sections = [
        f"# {run.name}",
        f"{spec.title} for {run.split.title} ({run.split.classes} classes). {spec.summary}",
        "## Data",
        _data(run),
        "## Recipe",
        f"| setting | value |\n|---|---|\n{settings}",
        f"Peak learning rate {recipe.peak_learning_rate:g}. Trained by {status.device} "
        f"in {status.seconds / 60:.1f} minutes, {status.epoch} of {status.epochs} epochs.",
        "## Figures",
        _figures(run),
        "## Serving model",
        _serving(run),
        "## Limits",
        "Trained on single, centred characters prepared as EMNIST's are; it answers one of its classes to "
        "anything it is shown. Pairs that people confuse (0/O, 1/I/L, F/f, 9/q/g) it confuses too. "
        "The writers were US census employees and high-school students of the 1990s.",
        "## Reproduce",
        f"```\npython -m emnist_core train --recipe {_recipe_path(run)}\n```",
    ]
    return "\n\n".join(sections) + "\n"


def _recipe_path(run: Run) -> str:
    return f"trained_models/{run.name}/recipe.json" if run.is_shipped else "recipe.json"


def _data(run: Run) -> str:
    used = run.status().data
    if used is None:
        return "Not recorded."
    use = "choice of the epoch" if run.recipe.keep == "best" else "choosing nothing: the last epoch is kept"
    return (
        f"{used.name}: {used.training_images:,} images to train on{used.of_other_splits()}; the last "
        f"{used.validation_images:,} rows of the training part for validation ({use}). sha256 `{used.sha256}`."
    )


def _figures(run: Run) -> str:
    status = run.status()
    lines = [
        "| data | images | accuracy | 95 % | ambiguity-merged | top 5 | macro F1 | calibration error | "
        "coverage at 99 % | left out |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    chosen = " (chosen on these)" if run.recipe.keep == "best" else ""
    if status.validation_accuracy is not None and status.data is not None:
        lines.append(
            f"| validation rows of {status.data.name}, epoch {status.best_epoch}{chosen} | "
            f"{status.data.validation_images:,} | {status.validation_accuracy:.2%} | | | | | | | |"
        )
    lines += [_evaluation_row(evaluation) for evaluation in stored_evaluations(run)]
    note = (
        "*Left out* are images of the data that the run was trained on: they are recognised by their hashes and "
        "not counted."
        if run.trained_on_file.exists()
        else "The run kept no record of the images it was trained on, so none could be left out."
    )
    merged = (
        "*Ambiguity-merged* forgives the four groups that people cannot tell apart either: 0/O, 1/I/L, F/f, 9/q/g. "
        "*Coverage at 99 %* is the share of images, the surest first, that can be answered with 99 % of the answers "
        "right. The test part is read once, by `evaluate`, after everything is chosen."
    )
    return "\n".join([*lines, "", f"{note} {merged}"])


def _evaluation_row(evaluation: Evaluation) -> str:
    left_out = "unknown" if evaluation.left_out is None else f"{evaluation.left_out:,}"
    return (
        f"| {evaluation.data_name}, {evaluation.part} part | {evaluation.n:,} | {evaluation.accuracy:.2%} | "
        f"{in_words(*evaluation.interval)} | {evaluation.ambiguity_merged:.2%} | {evaluation.top5:.2%} | "
        f"{evaluation.macro_f1:.4f} | {evaluation.ece:.2%} | {evaluation.coverage_at_99:.1%} | {left_out} |"
    )


def _serving(run: Run) -> str:
    measured = run.serving()
    kept = "" if run.keras_file.exists() else f" {_why_no_keras_file(run)}"
    return (
        f"LiteRT, weights in {measured.precision}, {measured.bytes / 1e6:.1f} MB. On "
        f"{measured.images_compared:,} validation images it gives the same class as the Keras network for "
        f"{measured.agreement:.2%}; accuracy {measured.serving_accuracy:.2%} against "
        f"{measured.keras_accuracy:.2%}.{kept}{_temperature(measured)}"
    )


def _why_no_keras_file(run: Run) -> str:
    if run.status().best_epoch is None:
        return "Of a first epoch that was not finished no model.keras is kept."
    return "The float32 model.keras is too large to ship."


def _temperature(measured: Serving) -> str:
    if measured.images_calibrated is None:
        return ""
    return (
        f"\n\nLogits are divided by the temperature {measured.temperature:.3f}, fitted on "
        f"{measured.images_calibrated:,} validation images (Guo and others 2017), on which the expected calibration "
        f"error went from {measured.calibration_error_before:.2%} to {measured.calibration_error:.2%}."
    )


def renew(run: Run) -> None:
    """Write the card of one's own run again; a damaged or read-only run, and one that ships, go without."""
    if run.is_shipped:
        return
    try:
        write(run)
    except (OSError, RunError):
        return
