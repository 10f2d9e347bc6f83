"""The Train page: what it refuses, and in which words; what it starts, with a worker that only pretends."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from emnist_core import data, paths, runs
from emnist_core.models import MODELS
from emnist_core.processes import Worker
from emnist_core.recipe import Recipe
from emnist_core.runs import Status
from emnist_core.sweeps import presets
from emnist_core.sweeps.spec import Row
from emnist_core.training import jobs, queue
from tests.helpers.pages import figures, html_of, matrices, open_page, sound, words


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Recipe]:
    """What was started, in place of worker processes; each run then counts as trained by this process."""
    recipes: list[Recipe] = []

    def start(recipe: Recipe, name: str | None = None, visitor: str | None = None) -> runs.Run:  # noqa: ARG001
        recipe.divide(5_640)
        recipes.append(recipe)
        return pretend(recipe, name)

    monkeypatch.setattr(jobs, "start", start)
    return recipes


def pretend(recipe: Recipe, name: str | None = None, **status: Any) -> runs.Run:
    """A run that seems to be trained, by this process."""
    run = runs.create(recipe, name)
    values = {"state": "training", "worker": Worker.this(), "epochs": recipe.epochs}
    run.write_status(Status(**(values | status)))
    return run


def press(page: AppTest, label: str) -> AppTest:
    [button] = [button for button in page.button if button.label == label]
    return sound(button.click().run())


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("batch", 8192, "batch_size: 8192 is more than the 4700 training images."),
        ("rate-adam", 0.0, "learning_rate: Input should be greater than 0, not 0.0."),
    ],
)
def test_a_refused_recipe_names_the_field(key: str, value: float, sentence: str) -> None:
    page = open_page("train")
    page.number_input(key=key).set_value(value)
    press(page, "Start training")
    assert page.error[0].value == sentence
    assert not paths.own_runs().exists()


def test_a_mended_recipe_starts_and_its_refusal_is_gone(started: list[Recipe]) -> None:
    page = open_page("train")
    page.number_input(key="rate-adam").set_value(0.0)
    press(page, "Start training")
    assert page.error
    page.number_input(key="rate-adam").set_value(0.002)
    press(page, "Start training")
    assert not page.error
    assert [recipe.learning_rate for recipe in started] == [0.002]


@pytest.mark.parametrize("model", MODELS)
def test_the_form_is_the_recipe(model: str, started: list[Recipe]) -> None:
    page = open_page("train")
    page.selectbox(key="model").select(model)
    page.selectbox(key="optimizer").select("adamw")
    sound(page.run())
    page.selectbox(key="schedule").select("one-cycle")
    page.selectbox(key="augmentation").select("affine")
    page.number_input(key="epochs").set_value(3)
    page.number_input(key="batch").set_value(64)
    press(page, "Start training")
    [recipe] = started
    assert recipe.model == model
    assert (recipe.optimizer, recipe.schedule, recipe.augmentation) == ("adamw", "one-cycle", "affine")
    assert (recipe.epochs, recipe.batch_size, recipe.dataset_kind) == (3, 64, "sample")
    assert (recipe.dropout, recipe.l2) == (MODELS[model].dropout, MODELS[model].l2)


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def test_what_is_started_while_another_trains_waits_its_turn_and_can_be_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "ensure_worker", lambda: None)
    pretend(Recipe(model="lenet5"), "busy")
    names = ["first", "second"]
    monkeypatch.setattr(runs, "create", lambda recipe, _name, create=runs.create: create(recipe, names.pop(0)))
    for turn in (1, 2):
        page = open_page("train")
        press(page, "Start training")
        assert f"turn **{turn}** of {turn}" in words(page)
    assert "1. first  \n2. second, yours" in words(page)
    press(page, "Earlier")
    assert [run.name for run in queue.waiting()] == ["second", "first"]
    assert "turn **1** of 2" in words(page)
    press(page, "Cancel")
    assert [run.name for run in queue.waiting()] == ["first"]
    assert page.selectbox(key="run").value == "busy"
    assert "1. first" in words(page)


def test_on_a_hosted_app_others_have_no_buttons_for_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMNIST_HOSTED", "1")
    monkeypatch.setenv("EMNIST_ALLOW_TRAINING", "1")
    pretend(Recipe(model="lenet5"), "busy", visitor="somebody")
    assert not {"Stop", "Pause"} & set(labels(open_page("train")))


def test_a_paused_run_is_resumed_and_a_finished_one_learns_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "ensure_worker", lambda: None)
    for name, state in (("paused", "paused"), ("finished", "finished")):
        pretend(Recipe(model="lenet5"), name, state=state, step=5).checkpoint_file.touch()
    press(open_page("train", run="paused"), "Resume")
    press(open_page("train", run="finished"), "10 more epochs")
    assert [run.name for run in queue.waiting()] == ["paused", "finished"]
    assert runs.find("finished").recipe.epochs == 20


@pytest.mark.usefixtures("started")
def test_whoever_opens_the_page_meanwhile_sees_the_running_one_and_can_stop_it() -> None:
    run = pretend(Recipe(model="lenet5"), "busy", epoch=2, images_per_second=1234.0, seconds_left=75.0)
    (run.path / "metrics.jsonl").write_text(
        "".join(
            json.dumps({"kind": "epoch", "epoch": e, "loss": 1, "accuracy": 0.5, "validation_accuracy": 0.5}) + "\n"
            for e in (1, 2)
        )
    )
    page = open_page("train")
    assert page.selectbox(key="run").value == "busy"
    shown = figures(page)
    assert shown["Epoch"] == "2 of 10"
    assert shown["Images/s"] == "1,234"
    assert shown["Time left"] == "1:15"
    press(page, "Stop")
    assert run.stop_file.exists()
    [button] = [button for button in page.button if button.label.startswith("Stop")]
    assert (button.label, button.disabled) == ("Stopping …", True)


def test_a_worker_that_died_is_told_from_one_that_trains() -> None:
    pretend(Recipe(model="lenet5"), "dead", worker=replace(Worker.this(), birth="another"))
    page = open_page("train", run="dead")
    assert "lost" in words(page) or "ended" in page.warning[0].value
    [button] = [button for button in page.button if button.label == "Start training"]
    assert not button.disabled


@pytest.mark.parametrize("state", ["finished", "stopped", "failed"])
def test_the_end_is_told_with_its_reason(state: str) -> None:
    pretend(Recipe(model="lenet5"), "ended", state=state, message="It ended for this reason.")
    page = open_page("train", run="ended")
    assert page.warning[0].value == "It ended for this reason."
    assert "Stop" not in [button.label for button in page.button]


def test_a_run_without_a_serving_model_says_how_to_make_it() -> None:
    run = pretend(Recipe(model="lenet5"), "ended", state="finished")
    run.keras_file.touch()
    assert open_page("train", run="ended").info[0].value == (
        "It has no serving model yet; `python -m emnist_core export ended` makes it under TensorFlow."
    )
    run.serving_file.touch()
    assert not open_page("train", run="ended").info


@pytest.mark.parametrize(("count", "told"), [(0, False), (512, True)])
def test_the_best_after_settling_is_told_from_the_curve(count: int, told: bool) -> None:
    pretend(Recipe(model="lenet5-v2", batch_norm_images=count), "ended", state="finished")
    assert ("the curve is of the epochs, before that" in words(open_page("train", run="ended"))) == told


def form(model: str, **parameters: str) -> AppTest:
    """The page with a network chosen."""
    return sound(open_page("train", **parameters).selectbox(key="model").set_value(model).run())


def test_a_teacher_is_one_that_knows_the_same_images_and_characters(started: list[Recipe]) -> None:
    page = form("lenet5-v2")
    teacher = page.selectbox(key="teacher-lenet5-v2-balanced")
    assert teacher.value is None
    assert {"vanilla-cnn", "se-resnet"} <= set(teacher.options)
    assert not {"lenet5", "lenet5-v2-32"} & set(teacher.options), "their images are of another size"
    assert form("lenet5-v2", split="Digits").selectbox(key="teacher-lenet5-v2-digits").options == []
    sound(teacher.select("se-resnet").run())
    press(page, "Start training")
    guide = runs.find("se-resnet").recipe
    assert (started[0].teachers, started[0].mixing) == (("se-resnet",), "none")
    assert (started[0].validation_share, started[0].prior) == (guide.validation_share, guide.prior)


def test_further_images_are_those_of_other_splits_that_are_fetched(started: list[Recipe], emnist_files: Path) -> None:
    assert not open_page("train").multiselect, "the sample has no further images"
    data.fetch("balanced", emnist_files)
    data.fetch("mnist", emnist_files, ["test"])
    page = sound(open_page("train"))
    [parts] = page.multiselect
    assert parts.options == ["mnist-test"]
    sound(parts.select("mnist-test").run())
    press(page, "Start training")
    assert (started[0].dataset_kind, started[0].extra_images) == ("emnist", ("mnist-test",))
    assert not sound(open_page("train", source="bundled sample")).multiselect


@pytest.mark.parametrize(
    ("model", "batch", "warned"), [("lenet5-v2", 128, True), ("lenet5-v2", 16, False), ("lenet5", 128, False)]
)
def test_a_training_too_short_for_batch_normalisation_is_told(model: str, batch: int, warned: bool) -> None:
    # 4,700 images of the sample: 296 steps in eight epochs of 128, and 2,352 of 16.
    said = words(form(model, batch=str(batch)))
    assert ("about 600 steps to settle" in said) == warned
    assert ("take 296" in said) == warned


@pytest.mark.parametrize("preset", presets.presets(), ids=lambda preset: preset.name)
def test_one_click_starts_a_preset_and_its_recipe_stands_in_the_form(preset: Row, started: list[Recipe]) -> None:
    page = press(open_page("train"), preset.title)
    assert started == [preset.recipe]
    assert page.selectbox(key="run").value.startswith(f"{preset.name}-")
    assert preset.prediction in words(page)
    assert preset.watch in words(page)
    assert preset.title not in [button.label for button in page.button], "one training at a time"
    runs.find(page.selectbox(key="run").value).write_status(Status(state="stopped"))
    press(sound(page.run()), "Start training")
    filled = started[1]
    spec = preset.recipe.spec
    whole = {
        "dataset_kind": "sample",
        "learning_rate": preset.recipe.peak_learning_rate,
        "dropout": spec.dropout if preset.recipe.dropout is None else preset.recipe.dropout,
        "l2": spec.l2,
    }
    assert filled == preset.recipe.model_copy(update=whole)


def test_presets_are_not_started_where_visitors_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMNIST_HOSTED", "1")
    buttons = [button for button in open_page("train").button if (button.key or "").startswith("preset-")]
    assert buttons
    assert all(button.disabled for button in buttons)


def test_every_setting_is_explained() -> None:
    page = sound(open_page("train").selectbox(key="optimizer").select("adamw").run())
    kinds = (page.selectbox, page.number_input, page.slider)
    silent = [field.label for kind in kinds for field in kind if not getattr(field, "help", "")]
    assert silent == ["Split", "Watch"]


@pytest.mark.parametrize(
    ("state", "doing", "told"),
    [("starting", "loading TensorFlow", True), ("training", "building the graph", False), ("saving", "x y z", True)],
)
def test_what_a_start_or_an_end_is_busy_with_is_told(state: str, doing: str, told: bool) -> None:
    pretend(Recipe(model="lenet5"), "busy", state=state, doing=doing)
    assert (f"{doing} …" in words(open_page("train"))) == told


def test_a_recipe_is_taken_along_from_the_form_and_from_a_run() -> None:
    pretend(Recipe(model="lenet5", epochs=3), "mine", state="finished")
    pretend(Recipe(model="lenet5", teachers=("se-resnet",)), "taught", state="finished")
    page = open_page("train", run="mine")
    commands = [code.value for code in page.code]
    assert "python -m emnist_core train --model lenet5 --epochs 3" in commands
    assert len(commands) == 2
    assert "Not as a script: teachers:" in words(open_page("train", run="taught"))
    page.number_input(key="rate-adam").set_value(0.0)
    assert len(sound(page.run()).code) == 1, "settings that make no sense are not taken along"


LABELS = ("f", "F", "0", "O")


def keep_epochs(run: runs.Run, answers: list[str]) -> None:
    """What a worker keeps after each epoch: here that every image is read as one label, surely."""
    dataset = data.load("balanced", "train", "sample")
    labels = dataset.split.labels
    rows = np.array([np.flatnonzero(dataset.labels == labels.index(label))[-1] for label in LABELS])
    folder = run.path / "epochs"
    folder.mkdir()
    np.savez(folder / "validation.npz", rows=rows, true=dataset.labels[rows].astype(np.uint8), sha256=dataset.sha256)
    for number, answer in enumerate(answers, start=1):
        classes = np.array([[labels.index(answer), 0, 1]] * len(rows), np.uint8)
        probabilities = np.array([[0.75, 0.2, 0.05]] * len(rows), np.float16)
        np.savez(folder / f"{number:03d}.npz", classes=classes, probabilities=probabilities)


def test_chosen_characters_are_watched_epoch_by_epoch() -> None:
    run = pretend(Recipe(model="lenet5", dataset_kind="sample"), "busy", epoch=2)
    keep_epochs(run, ["F", "f"])
    page = open_page("train", run="busy", progress="Characters")
    [chosen] = [field for field in page.multiselect if field.label == "Characters"]
    assert chosen.value == ["f", "F", "0", "O"], "the look-alikes that are there"
    [table] = [piece for piece in html_of(page) if "epoch 2" in piece]
    newest, first = table.index("epoch 2"), table.index("epoch 1")
    assert newest < first
    assert re.findall(r"<b>(.)</b><span class=\"(yes|no)\">", table[newest:first]) == [
        ("f", "yes"), ("f", "no"), ("f", "no"), ("f", "no"),
    ]  # fmt: skip
    sound(chosen.set_value(["F"]).run())
    [table] = [piece for piece in html_of(page) if "epoch 2" in piece]
    assert table.count('<span class="yes">') == 1


def test_the_confusion_matrix_is_that_of_the_newest_epoch() -> None:
    run = pretend(Recipe(model="lenet5", dataset_kind="sample"), "busy", epoch=2)
    page = open_page("train", run="busy", progress="Confusion")
    assert page.info[0].value == "There is something to see here once an epoch is over."
    keep_epochs(run, ["F", "f"])
    page = sound(open_page("train", run="busy", progress="Confusion"))
    assert "After epoch 2: **25.00%** of 4 validation images right." in words(page)
    assert len(matrices(page)) == 1


@pytest.mark.parametrize("at", ["home", "sketch"])
def test_a_model_that_still_trains_is_told_from_one_that_is_done(at: str) -> None:
    run = pretend(Recipe(model="lenet5", dataset_kind="sample"), "busy", epoch=3, served_epoch=2)
    shutil.copy(paths.SHIPPED_RUNS / "lenet5" / "model.tflite", run.serving_file)
    page = open_page(at, **({"way": "Test image"} if at == "sketch" else {}))
    assert "busy, still training: epoch 2" in words(page)
    run.write_status(Status(state="finished", served_epoch=2))
    page = open_page(at, **({"way": "Test image"} if at == "sketch" else {}))
    assert "busy" in words(page)
    assert "still training" not in words(page)
