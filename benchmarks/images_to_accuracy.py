"""How many images a recipe needs: ``python -m benchmarks.images_to_accuracy``.

For each network of which the report's recipe was trained in all its epochs: the best validation accuracy that it
reached and the images it had processed by then, beside the images after which our recipe was as good. Both were
trained on the same rows of the same data and are read from the curves that were kept of them, so this takes no time;
what trains them again is ``python -m emnist_core sweep`` of the files named.
"""

from pathlib import Path

from benchmarks.report import PROJECT, table
from emnist_core.runs import Run

PAIRS = (
    ("experiments/report-cnn/adam-512-20-0.5", "trained_models/vanilla-cnn"),
    ("experiments/report-lenet/lenet5", "trained_models/lenet5"),
    ("experiments/report-lenet/lenet5-v2", "experiments/quick/lenet5-v2"),
    ("experiments/report-lenet/lenet5-v2", "trained_models/lenet5-v2"),
    ("experiments/report-resnet/resnet34", "trained_models/resnet34"),
)
HEAD = (
    "network", "report's recipe, epochs", "its best validation", "after images", "our recipe, epochs",
    "as good after images", "times fewer",
)  # fmt: skip


def curve(folder: str) -> tuple[Run, list[float], int]:
    """The run, its validation accuracy after every epoch, and its images an epoch."""
    run = Run(Path(PROJECT / folder))
    used = run.status().data
    assert used is not None
    return run, run.metrics("epoch")["validation_accuracy"].tolist(), used.training_images


def row(reports: str, ours: str) -> tuple[str, ...]:
    """A row of the table."""
    run, accuracies, images = curve(reports)
    best = max(accuracies)
    needed = images * (accuracies.index(best) + 1)
    _, own_accuracies, own_images = curve(ours)
    reached = next((n for n, accuracy in enumerate(own_accuracies, 1) if accuracy >= best), None)
    told = (
        ("not reached", "")
        if reached is None
        else (f"{own_images * reached:,}", f"{needed / own_images / reached:.1f}")
    )
    return (run.recipe.model, f"{len(accuracies)}", f"{best:.2%}", f"{needed:,}", f"{len(own_accuracies)}", *told)


if __name__ == "__main__":
    print(table(HEAD, (row(*pair) for pair in PAIRS)))
    print("\nValidation: the last 7,050 rows of the training part. One seed each. The lenet5-v2 of 20 epochs")
    print("also learned from the answers of a SE-ResNet, whose own training is not counted.")
