"""On a hosted app strangers start nothing that trains, fetches or takes long, unless it is allowed one by one."""

from typing import get_args

import pytest

from emnist_core import hosting, runs
from emnist_core.data import fetch_task
from emnist_core.errors import NotAllowedError
from emnist_core.explain import gradient
from emnist_core.explore import queue
from emnist_core.explore.jobs import Job
from emnist_core.hosting import ALLOWED, Act
from emnist_core.recipe import Recipe
from emnist_core.training import jobs
from tests.helpers.pages import open_page, sample_title, words

ACTS: tuple[Act, ...] = get_args(Act)


@pytest.fixture
def hosted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMNIST_HOSTED", "1")


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("value", [None, "", "0", "false"])
def test_all_is_allowed_on_ones_own_machine(act: Act, value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EMNIST_HOSTED", raising=False)
    if value is not None:
        monkeypatch.setenv("EMNIST_HOSTED", value)
    hosting.ensure_allowed(act)


@pytest.mark.usefixtures("hosted")
@pytest.mark.parametrize("act", ACTS)
def test_each_act_is_allowed_by_a_variable_of_its_own(act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALLOWED[act][0], "1")
    assert [other for other in ACTS if hosting.refusal(other) is None] == [act]


@pytest.mark.usefixtures("hosted")
def test_nothing_starts_on_a_hosted_app() -> None:
    with pytest.raises(NotAllowedError, match="EMNIST_ALLOW_TRAINING=1"):
        jobs.start(Recipe())
    with pytest.raises(NotAllowedError, match="EMNIST_ALLOW_FETCHING=1"):
        fetch_task.send("balanced", "")
    with pytest.raises(NotAllowedError, match="EMNIST_ALLOW_COMPUTING=1"):
        queue.start(Job("pca", "balanced", "test", "sample", "a" * 64, 600), "a visitor")
    assert fetch_task.find("balanced") is None
    assert queue.tickets() == []


@pytest.mark.usefixtures("hosted")
def test_pages_offer_none_of_it() -> None:
    train = open_page("train")
    assert next(button for button in train.button if button.label == "Start training").disabled
    assert "EMNIST_ALLOW_TRAINING=1" in words(train)
    explore = open_page("explore", split="ByClass", tab="Files")
    assert not [button for button in explore.button if button.label.startswith(("Fetch", "Make"))]
    twice = open_page("confusion", run="lenet5", data=sample_title(), view="Two runs")
    assert all(button.disabled for button in twice.button if button.label.startswith("Have "))


@pytest.mark.usefixtures("hosted")
def test_gradients_say_why_they_are_not_there() -> None:
    run = runs.find("lenet5")
    assert "EMNIST_ALLOW_COMPUTING=1" in (gradient.obstacle(run) or "")
