"""The script of plain Keras: it imports nothing of the project, and trains as the project does."""

import ast
import gzip
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emnist_core import data, runs
from emnist_core.errors import RecipeError
from emnist_core.models import MODELS
from emnist_core.recipe import Recipe
from emnist_core.runs import Run
from emnist_core.training.lifecycle import train
from emnist_core.training.script import to_script

CURVES = {"loss": "loss", "accuracy": "accuracy", "val_loss": "validation_loss", "val_accuracy": "validation_accuracy"}
EVERYTHING = {
    "model": "lenet5-v2", "optimizer": "adamw", "weight_decay": 0.01, "schedule": "one-cycle", "prior": "even",
    "augmentation": "elastic", "label_smoothing": 0.1, "dropout": 0.0, "l2": 1e-4, "mixing": "cutmix", "epochs": 2,
    "weight_average": 0.9, "batch_norm_images": 256,
}  # fmt: skip


def curves_of_script(recipe: Recipe, folder: Path, *options: str) -> pd.DataFrame:
    """Run the script in a folder of its own, where the project cannot be imported; its epochs."""
    (folder / "mine.py").write_text(to_script(recipe, "mine"), encoding="utf-8")
    hidden = "import sys, runpy; sys.modules['emnist_core'] = None; sys.argv[0] = 'mine.py'; "
    command = [sys.executable, "-c", hidden + "runpy.run_path('mine.py', run_name='__main__')", *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (folder / "mine.keras").stat().st_size > 0
    return pd.DataFrame(json.loads((folder / "mine.json").read_text()))[[*CURVES]].rename(columns=CURVES)


def as_idx(array: np.ndarray, path: Path) -> str:
    """Write an array as NIST does, packed."""
    head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    path.write_bytes(gzip.compress(head + array.astype(np.uint8).tobytes()))
    return str(path)


def test_from_nists_files_it_has_the_curve_that_the_project_has(trained: Run, quick: Recipe, tmp_path: Path):
    dataset = data.load("digits", "train", "sample")
    images = as_idx(dataset.images.transpose(0, 2, 1), tmp_path / "images.gz")
    labels = as_idx(dataset.labels, tmp_path / "labels.gz")
    found = curves_of_script(quick, tmp_path, "--images", images, "--labels", labels)
    np.testing.assert_allclose(found, trained.metrics("epoch")[[*CURVES.values()]], atol=1e-3)


def test_with_every_setting_it_has_the_curve_that_the_project_has(quick: Recipe, tmp_path: Path):
    recipe = Recipe.parse(quick.model_dump() | EVERYTHING)
    run = runs.create(recipe, "everything", tmp_path)
    train(run)
    dataset = data.load("digits", "train", "sample")
    np.savez(tmp_path / "digits.npz", images=dataset.images, labels=dataset.labels)
    found = curves_of_script(recipe, tmp_path, "--npz", "digits.npz")
    np.testing.assert_allclose(found, run.metrics("epoch")[[*CURVES.values()]], atol=1e-3)


@pytest.mark.parametrize("model", MODELS)
def test_it_stands_alone_whatever_the_network(model: str):
    text = to_script(Recipe(model=model, split="letters"), "mine")
    tree = ast.parse(text)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [name for name in imported if name.startswith("emnist_core")]
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assert {"build", "Batches", "learning_rate", "optimizer", "main"} <= defined
    assert "FIRST_LABEL, SIZE = 'mine', 26, 1, " in text
    assert max(map(len, text.splitlines())) <= 120


def test_what_no_script_can_bring_along_is_told():
    with pytest.raises(RecipeError, match="teachers: a script has no other runs to learn from"):
        to_script(Recipe(teachers=("se-resnet",)), "mine")
    with pytest.raises(RecipeError, match="extra_images: a script reads one split"):
        to_script(Recipe(extra_images=("mnist-test",)), "mine")
