"""Event files, read back by TensorBoard's own reader: every figure of the journal, also while it grows or is cut."""

import json
import sys
from pathlib import Path

import pytest

from emnist_core import paths, runs
from emnist_core.collection.event_files import PATTERN, EventFile, folder
from emnist_core.errors import RunError
from emnist_core.runs import Run, checksums
from tests.helpers.command_line import child
from tests.helpers.pages import copy_run

pytestmark = pytest.mark.slow  # TensorBoard's reader brings TensorFlow where it is installed


@pytest.fixture
def run(home: Path) -> Run:
    run = Run(copy_run("lenet5", home / "runs" / "mine"))
    (run.path / checksums.FILE).unlink()  # a journal that is written to has no sum
    return run


def read(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """The curves that TensorBoard sees in a folder: step and value, by tag."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    seen = EventAccumulator(str(folder), size_guidance={"scalars": 0}).Reload()
    return {tag: [(event.step, event.value) for event in seen.Scalars(tag)] for tag in seen.Tags()["scalars"]}


def expected(run: Run) -> dict[str, list[tuple[int, float]]]:
    steps, epochs = run.metrics("step"), run.metrics("epoch")
    ends = epochs["epoch"] * run.status().steps_per_epoch
    curves = {
        "accuracy/step": (steps["step"], steps["accuracy"]),
        "loss/step": (steps["step"], steps["loss"]),
        "learning rate": (steps["step"], steps["learning_rate"]),
        "images per second": (steps["step"], steps["images_per_second"]),
        "accuracy/epoch": (ends, epochs["accuracy"]),
        "accuracy/validation": (ends, epochs["validation_accuracy"]),
        "loss/epoch": (ends, epochs["loss"]),
        "loss/validation": (ends, epochs["validation_loss"]),
    }
    return {
        tag: [(int(step), pytest.approx(value, rel=1e-6)) for step, value in zip(*curve, strict=True)]
        for tag, curve in curves.items()
    }


def test_tensorboard_reads_every_figure_of_the_journal(run: Run) -> None:
    assert EventFile(run).catch_up() == len((run.path / "metrics.jsonl").read_text().splitlines())
    assert read(run.path) == expected(run)
    EventFile(run).catch_up()  # again: nothing is there twice
    assert len(list(run.path.glob(PATTERN))) == 1
    assert read(run.path) == expected(run)


def test_it_keeps_up_with_a_training_and_with_one_that_goes_on_from_its_checkpoint(run: Run) -> None:
    file = run.path / "metrics.jsonl"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[:100]))
    events = EventFile(run)
    assert events.catch_up() == 100
    file.write_text("".join(lines[:150]))
    assert events.catch_up() == 50
    assert events.catch_up() == 0
    # The worker dies, and the steps since its checkpoint are taken again, with other figures.
    cut = json.loads(lines[120]) | {"accuracy": 0.125}
    file.write_text("".join(lines[:120]) + json.dumps(cut) + "\n")
    assert events.catch_up() == 1
    assert read(run.path) == expected(Run(run.path))
    file.write_text("".join(lines))
    events.catch_up()
    events.close()
    assert read(run.path) == expected(Run(run.path))


def test_a_run_that_ships_is_not_written_to(home: Path) -> None:
    shipped = runs.find("lenet5")
    EventFile(shipped).catch_up()
    assert folder(shipped) == home / "tensorboard" / "lenet5"
    assert list(folder(shipped).glob(PATTERN))
    assert not list((paths.SHIPPED_RUNS / "lenet5").glob(PATTERN))


def test_the_command_follows_until_nothing_trains_and_needs_no_tensorflow(run: Run) -> None:
    program = """
import sys
sys.argv = ["emnist_core", "tensorboard", "mine", "--json"]
from emnist_core import cli
try:
    cli.main()
finally:
    assert "tensorflow" not in sys.modules
"""
    (row,) = child(program=program).json
    lines = len((run.path / "metrics.jsonl").read_text().splitlines())
    assert row == {"run": "mine", "lines": lines, "folder": str(run.path)}
    assert read(run.path) == expected(run)


def test_without_tensorboard_it_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard.compat.proto", None)
    with pytest.raises(RunError, match="pip install tensorboard"):
        EventFile(run)
