"""What the server imports is light: no TensorFlow, no Keras; and core never knows of Streamlit."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import emnist_core
from emnist_core import paths

LIGHT = (
    "cli",
    "training.jobs",
    "recipe",
    "sweeps.plan",
    "sweeps.results",
    "evaluation.predictions",
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
    "training/lifecycle.py",
    "training/callbacks.py",
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
from emnist_core.evaluation.predictions import evaluate
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


def modules_named_in(path: Path) -> set[str]:
    """The top packages of every import statement in the file, also those inside functions."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_no_file_of_core_imports_streamlit(path: Path):
    assert not modules_named_in(path) & {"streamlit", "widgets", "pages"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_keras_is_imported_where_networks_are_made_and_trained_alone(path: Path):
    name = path.relative_to(paths.PROJECT / "emnist_core").as_posix()
    if modules_named_in(path) & {"keras", "tensorflow"}:
        assert name in MAY_IMPORT_KERAS or name.startswith("models/")


def test_the_server_warms_up_without_training_code_and_knows_what_the_landing_page_imports():
    program = "import app; app.warm_up(); assert type(app.app).__name__ == 'App'"
    warm = imported_by(program)
    assert warm & (HEAVY - {"streamlit"}) == set()
    assert {"numpy", "pydantic", "emnist_core", "widgets"} <= warm
