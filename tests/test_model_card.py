"""A run's card says what its other files say."""

import re
import shutil
from pathlib import Path

import pytest

from emnist_core import data, model_card, paths
from emnist_core.evaluation.intervals import in_words
from emnist_core.evaluation.store import evaluate, stored_evaluations
from emnist_core.runs import Run
from tests.helpers.shipped import copy_of

SHIPPED = sorted(path.parent.name for path in paths.SHIPPED_RUNS.glob("*/recipe.json"))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return copy_of("lenet5", tmp_path)


def test_it_tells_data_recipe_figures_and_limits(run: Run):
    evaluation = evaluate(run, data.load("balanced", "test", "sample"))
    text, status = model_card.text(run), run.status()
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        "Data", "Recipe", "Figures", "Serving model", "Limits", "Reproduce",
    ]  # fmt: skip
    assert status.data is not None
    assert f"{status.data.name}: {status.data.training_images:,} images to train on" in text
    assert status.data.sha256 in text
    for name, value in run.recipe.model_dump().items():
        assert (f"| {name} | {value} |" in text) == (value not in (None, ())), name
    row = (
        f"| {evaluation.data_name}, test part | {evaluation.n:,} | {evaluation.accuracy:.2%} | "
        f"{in_words(*evaluation.interval)} | {evaluation.ambiguity_merged:.2%} | {evaluation.top5:.2%}"
    )
    assert row in text
    assert f"{run.serving().calibration_error:.2%}" in text
    assert f"{status.validation_accuracy:.2%}" in text
    assert f"{run.serving().agreement:.2%}" in text


def test_renewing_it_takes_in_a_new_evaluation(run: Run):
    model_card.write(run)
    assert ", test part |" not in (run.path / "README.md").read_text()
    evaluate(run, data.load("balanced", "test", "sample"))
    model_card.renew(run)
    assert "bundled sample (handwriting fonts), test part" in (run.path / "README.md").read_text()


def test_a_card_that_cannot_be_written_is_done_without(run: Run):
    (run.path / "README.md").unlink()
    (run.path / "README.md").mkdir()
    model_card.renew(run)
    shutil.rmtree(run.path)
    model_card.renew(run)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_card_of_a_shipped_run_has_the_figures_of_its_kept_predictions(name: str):
    """Every accuracy on the card can be counted again from the predictions that lie beside it."""
    run = Run(paths.SHIPPED_RUNS / name)
    card = (run.path / "README.md").read_text(encoding="utf-8")
    kept = [found for found in stored_evaluations(run) if found.part == "test"]
    assert any(not found.is_sample for found in kept)
    for found in kept:
        accuracy = (found.probabilities.argmax(axis=1) == found.true).mean()
        assert f"{found.data_name}, test part | {found.n:,} | {accuracy:.2%} |" in card


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_card_is_not_renewed(name: str):
    path = paths.SHIPPED_RUNS / name / "README.md"
    before = path.stat().st_mtime_ns
    model_card.renew(Run(path.parent))
    assert path.stat().st_mtime_ns == before
