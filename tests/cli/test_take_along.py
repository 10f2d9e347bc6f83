"""A recipe as a TOML file and as a command line: each trains it."""

import shlex
from pathlib import Path

import pytest

from emnist_core import runs
from emnist_core.recipe import Recipe
from emnist_core.sweeps import presets
from emnist_core.training.recipe_text import to_command, to_toml
from tests.helpers.command_line import QUICK, Call

RECIPES = (
    QUICK,
    Recipe(),
    Recipe(model="se-resnet", teachers=("lenet5 v2, the second", "b"), extra_images=("byclass-test",), dropout=0.25),
    Recipe(optimizer="adamw", weight_decay=1e-5, learning_rate=0.004, validation_share=0.0727, train_images=1000),
)


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_file_is_the_recipe(recipe: Recipe, tmp_path: Path):
    (tmp_path / "mine.toml").write_text(to_toml(recipe, "mine"), encoding="utf-8")
    assert Recipe.parse(presets.settings(str(tmp_path / "mine.toml"))) == recipe


@pytest.mark.slow
def test_the_file_trains_it(call: Call, tmp_path: Path):
    (tmp_path / "mine.toml").write_text(to_toml(QUICK, "mine"), encoding="utf-8")
    assert call("train", "--recipe", tmp_path / "mine.toml", "--name", "mine", "--json").json["state"] == "finished"
    assert runs.find("mine").recipe == QUICK


@pytest.mark.slow
def test_the_command_trains_it(call: Call):
    python, module, name, *arguments = shlex.split(to_command(QUICK))
    assert (python, module, name) == ("python", "-m", "emnist_core")
    assert call(*arguments, "--name", "mine", "--json").json["state"] == "finished"
    assert runs.find("mine").recipe == QUICK


@pytest.mark.slow
def test_a_preset_by_its_name_with_options_over_it(call: Call):
    options = ("--split", "digits", "--epochs", 1, "--batch-size", 32, "--set", "train_images=64")
    made = call(
        "train", "--recipe", "sixty-seconds", *options, "--set", "dataset_kind=sample", "--name", "mine", "--json"
    )
    assert made.json["state"] == "finished"
    wanted = {"split": "digits", "epochs": 1, "batch_size": 32, "train_images": 64, "dataset_kind": "sample"}
    assert runs.find("mine").recipe == presets.presets()[0].recipe.model_copy(update=wanted)
