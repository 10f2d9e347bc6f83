"""What the server imports is light, core never knows of Streamlit, and every import goes downwards."""

import subprocess
import sys
from pathlib import Path

import pytest

import emnist_core
from emnist_core import paths
from tests.helpers.imports import broken_floors, circle, drawn_floors, imports_between_files, names_imported

LIGHT = (
    "cli",
    "training.jobs",
    "recipe",
    "sweeps.plan",
    "sweeps.results",
    "evaluation.store",
    "serving.recognizer",
    "explain.gradient",
    "charts",
    "model_card",
    "runs",
    "models",
    "data",
    "ink",
)
HEAVY = {"tensorflow", "keras", "streamlit", "jax", "torch"}
SOURCES = sorted(Path(emnist_core.__file__).parent.rglob("*.py"))
MAY_IMPORT_KERAS = {
    "runs/weights.py",
    "training/fit.py",
    "training/latest_model.py",
    "training/lifecycle.py",
    "training/optimizers.py",
    "training/training_model.py",
    "training/callbacks.py",
    "training/checkpoints.py",
    "training/epoch_predictions.py",
    "training/batch_norm.py",
    "training/augmentation.py",
    "training/export.py",
    "training/batches.py",
    "cli/epoch_lines.py",
    "sweeps/train.py",
    "explain/gradient_worker.py",
}


def imported_by(program: str) -> set[str]:
    """The packages in ``sys.modules`` of a new process that ran ``program``."""
    program += "\nimport sys; print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", program], cwd=paths.PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


def test_importing_the_light_modules_imports_nothing_heavy():
    program = "\n".join(f"import emnist_core.{name}" for name in LIGHT)
    assert imported_by(program) & HEAVY == set()


def test_serving_and_evaluating_import_nothing_heavy():
    program = """
from emnist_core import data, runs
from emnist_core.serving import recognizer
from emnist_core.evaluation.store import evaluate
run = runs.find("lenet5")
dataset = data.load("balanced", "test", "sample")
recognizer.recognizer(run).top(dataset.images[0])
evaluate(run, dataset)
"""
    assert imported_by(program) & HEAVY == set()


@pytest.mark.parametrize("command", ["splits", "models", "runs"])
def test_the_lists_of_the_command_line_import_nothing_heavy(command: str):
    program = f"""
import sys, emnist_core.cli
sys.argv = ["emnist_core", "{command}", "--json"]
try:
    emnist_core.cli.main()
except SystemExit as end:
    assert not end.code, end.code
"""
    assert imported_by(program) & HEAVY == set()


def packages_imported(path: Path) -> set[str]:
    """The top packages of every import statement in the file, also those inside functions."""
    return {name.split(".")[0] for name in names_imported(path)}


def test_no_file_of_core_imports_streamlit():
    aware = {path.as_posix() for path in SOURCES if packages_imported(path) & {"streamlit", "widgets", "pages"}}
    assert aware == set()


def test_keras_is_imported_where_networks_are_made_and_trained_alone():
    core = paths.PROJECT / "emnist_core"
    heavy = {path.relative_to(core).as_posix() for path in SOURCES if packages_imported(path) & {"keras", "tensorflow"}}
    assert {name for name in heavy if not name.startswith("models/")} <= MAY_IMPORT_KERAS


def test_no_file_imports_from_a_floor_above_its_own():
    page = (paths.PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    broken = broken_floors(drawn_floors(page), imports_between_files())
    assert not broken, "\n".join(broken)


def test_no_two_files_import_each_other_in_a_circle():
    assert circle(imports_between_files()) == []


def test_an_upward_a_sideways_and_a_circular_import_are_seen():
    page = (
        "## Floors\n\nFrom the top down.\n\n```\nshown: pages widgets/a widgets/b\nknown: core.data core/ink.py\n```\n"
    )
    floors = drawn_floors(page)
    assert floors == [["pages", "widgets/a", "widgets/b"], ["core/data", "core/ink"]]
    sound = {
        "pages/home": {"core/ink"},
        "core": set(),
        "core/ink": set(),
        "core/data": set(),
        "widgets/a": {"core/data"},
    }
    assert broken_floors(floors, sound) == []
    assert broken_floors(floors, sound | {"core/data/mat": {"pages/home"}}) == [
        "core/data/mat imports pages/home, from a floor above"
    ]
    assert broken_floors(floors, sound | {"core/ink": {"core/data"}}) == [
        "core/ink imports core/data, from the same floor"
    ]
    assert broken_floors(floors, sound | {"core/word": {"core/ink"}}) == ["core/word has no room"]
    assert circle(sound) == []
    assert circle(sound | {"core/data": {"core/ink"}, "core/ink": {"core/data"}})


def test_the_server_warms_up_without_training_code_and_knows_what_the_landing_page_imports():
    program = "import app; app.warm_up(); assert type(app.app).__name__ == 'App'"
    warm = imported_by(program)
    assert warm & (HEAVY - {"streamlit"}) == set()
    assert {"numpy", "pydantic", "emnist_core", "widgets"} <= warm
