"""Presets, and what a recipe's name stands for on the command line."""

import json
from pathlib import Path

import pytest

from emnist_core import data, paths
from emnist_core.errors import RunError
from emnist_core.recipe import Recipe
from emnist_core.sweeps import presets
from emnist_core.sweeps.spec import read


def row(file: str, name: str) -> Recipe:
    [found] = read(paths.RECIPES / file).only([name]).rows
    return found.full_recipe


def test_each_has_a_prediction_to_test_and_what_to_watch_for():
    assert len(presets.presets()) == 6
    for preset in presets.presets():
        assert preset.title
        assert "?" in preset.prediction
        assert preset.watch.endswith(".")


def test_the_sample_is_enough_for_each():
    images = len(data.load("balanced", "train", "sample"))
    for preset in presets.presets():
        assert preset.recipe.divide(images)[0] > 0


def test_the_reports_best_and_ours_are_the_recipes_that_stand_elsewhere():
    by_name = {preset.name: preset.recipe for preset in presets.presets()}
    assert by_name["reports-best"] == row("report-lenet.toml", "lenet5-v2").model_copy(update={"dataset_kind": "auto"})
    assert by_name["ours"] == row("quick.toml", "lenet5-v2").model_copy(update={"dataset_kind": "auto"})


def test_a_name_a_row_and_a_file_are_recipes(tmp_path: Path):
    wanted = row("ours.toml", "lenet5")
    (tmp_path / "mine.json").write_text(json.dumps(wanted.model_dump()))
    (tmp_path / "mine.toml").write_text('model = "lenet5"\nepochs = 3\n')
    (tmp_path / "one.toml").write_text('[[row]]\nname = "a"\nepochs = 2\n')
    assert Recipe.parse(presets.settings("recipes/ours.toml#lenet5")) == wanted
    assert Recipe.parse(presets.settings(str(tmp_path / "mine.json"))) == wanted
    assert presets.settings(str(tmp_path / "mine.toml")) == {"model": "lenet5", "epochs": 3}
    assert presets.settings(str(tmp_path / "one.toml")) == {"epochs": 2}
    for preset in presets.presets():
        assert Recipe.parse(presets.settings(preset.name)) == preset.recipe
        assert presets.preset_of(preset.recipe) == preset
    assert presets.preset_of(wanted) is None


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ("sixty", "There is no recipe sixty; give a file, .* or sixty-seconds, learns-by-heart"),
        ("recipes/ours.toml", "recipes/ours.toml has several rows; name one: recipes/ours.toml#vanilla-cnn"),
        ("recipes/ours.toml#none", "The sweep ours has no row none; choose one of"),
        ("nothing.toml#lenet5", "There is no recipe nothing.toml"),
        ("#", "There is no recipe "),
    ],
)
def test_what_is_no_recipe_is_told(named: str, sentence: str):
    with pytest.raises(RunError, match=sentence):
        presets.settings(named)
