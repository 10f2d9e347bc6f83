"""Worker processes: started, watched, stopped, killed, and one at a time."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from emnist_core import paths, runs
from emnist_core.errors import DataError, RecipeError, RunError
from emnist_core.recipe import Recipe
from emnist_core.runs import Run
from emnist_core.training import jobs, slot

PATIENCE = 90.0

ENDLESS = Recipe(model="lenet5", split="digits", dataset_kind="sample", batch_size=4, epochs=1000)
"""250 steps an epoch; nobody waits for its end."""


def wait_until(holds: Callable[[], bool], seconds: float = PATIENCE) -> float:
    """Wait, and return how long it took; fails when it takes too long."""
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < seconds, "it took too long"
        time.sleep(0.05)
    return time.monotonic() - begun


def end(pid: int | None) -> None:
    """Kill a worker that this test started, and wait for its end."""
    if pid is not None and psutil.pid_exists(pid):
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


@pytest.fixture
def run() -> Iterator[Run]:
    """A started training, ended with the test."""
    run = jobs.start(ENDLESS, "endless")
    wait_until(lambda: run.status().worker is not None, seconds=20)
    yield run
    end(runs.Status.model_validate_json((run.path / "status.json").read_text()).pid)


def log_of(run: Run) -> str:
    return (run.path / "log.txt").read_text()


def test_a_training_is_started_watched_and_stopped(run: Run, monkeypatch: pytest.MonkeyPatch):
    wait_until(lambda: run.status().state == "starting", seconds=20)
    assert run.status().pid != os.getpid()
    assert run.status().doing == "loading TensorFlow"
    assert slot.running() is not None
    assert slot.running().name == "endless"

    wait_until(lambda: run.status().state == "training")
    wait_until(lambda: len(run.metrics("step")) > 0)
    step = run.status().step
    wait_until(lambda: run.status().step > step, seconds=10)

    booted = psutil.boot_time()
    monkeypatch.setattr("psutil._pslinux.boot_time", lambda: booted + 3)  # as after the clock was set
    assert (run.status().state, run.status().message) == ("training", None)
    assert slot.running() is not None

    second = jobs.start(ENDLESS, "second")
    time.sleep(1)
    assert second.status().state == "queued"
    jobs.cancel(second)
    assert [found.name for found in runs.list_runs() if not found.is_shipped] == ["endless"]
    step = run.status().step
    wait_until(lambda: run.status().step > step, seconds=10)

    jobs.stop(run)
    assert wait_until(lambda: run.status().state != "training") < 4  # 2 s on an idle machine
    wait_until(lambda: not run.status().is_active)
    assert run.status().state == "stopped", log_of(run)
    assert run.keras_file.exists() == (run.status().best_epoch is not None)
    assert run.serving_file.exists()
    assert not run.stop_file.exists()
    wait_until(lambda: slot.running() is None, seconds=5)  # let go of a moment after the status is written
    assert "Traceback" not in log_of(run)
    wait_until(lambda: run.status().worker.process() is None, seconds=20)


def test_a_training_stopped_before_its_first_step_ends_and_leaves_nothing_behind(run: Run):
    jobs.stop(run)
    wait_until(lambda: not run.status().is_active)
    assert run.status().state == "stopped", log_of(run)
    assert run.status().message == "Stopped before the first step; nothing was learned."
    wait_until(lambda: not run.stop_file.exists() and not run.reserve_file.exists(), seconds=5)
    assert not run.keras_file.exists()
    assert not run.serving_file.exists()
    assert run.metrics("epoch").empty


@dataclass
class Race:
    """Two workers that were started at the same moment for two runs in one folder."""

    winner: Run
    loser: Run
    winning: "subprocess.Popen[bytes]"
    losing: "subprocess.Popen[bytes]"


@pytest.fixture(scope="module")
def race(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Race]:
    """The race, up to where one trains and the other has ended."""
    folder = tmp_path_factory.mktemp("race")
    started = [(run, _worker(run)) for run in (runs.create(ENDLESS, name, folder) for name in ("one", "two"))]
    try:
        wait_until(lambda: any(process.poll() is not None for _, process in started))
        (loser, losing), (winner, winning) = sorted(started, key=lambda pair: pair[1].poll() is None)
        wait_until(lambda: winner.status().epoch > 0 and winner.status().step % 250 > 20)
        yield Race(winner, loser, winning, losing)
    finally:
        for _, process in started:
            process.kill()
            process.wait()


def _worker(run: Run) -> "subprocess.Popen[bytes]":
    with (run.path / "log.txt").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "emnist_core", "train", "--run", run.path],
            cwd=paths.PROJECT,
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2"},
            stdout=log,
            stderr=log,
        )


def test_of_two_workers_at_once_one_trains_and_the_other_says_why_not(race: Race):
    assert race.winner.status().state == "training"
    assert race.winning.poll() is None
    assert race.losing.returncode == 2
    status = race.loser.status()
    assert status.state == "failed"
    assert "is running; stop it or wait for its end, then start this one." in (status.message or "")
    assert log_of(race.loser).splitlines()[-1] == status.message
    assert "Traceback" not in log_of(race.loser)


def test_a_killed_training_reads_lost_and_keeps_its_curves(race: Race):
    race.winning.kill()
    race.winning.wait()
    status = race.winner.status()
    assert status.state == "lost"
    assert status.message == "The training process ended without a word; resume it from where it was."
    assert status.step > 250
    epochs, steps = race.winner.metrics("epoch"), race.winner.metrics("step")
    assert 1 <= status.epoch <= len(epochs) <= status.epoch + 1
    assert len(steps) > 0
    assert not epochs.isna().any().any()
    assert not steps.isna().any().any()
    assert status.best_epoch in epochs["epoch"].tolist()


def test_the_slot_of_a_killed_training_is_free_again(race: Race):
    race.winning.kill()
    race.winning.wait()
    with slot.training_slot(race.loser.path.parent):
        assert race.winner.status().state == "lost"


def test_a_held_slot_is_refused_in_a_sentence(tmp_path: Path):
    with (
        slot.training_slot(tmp_path),
        pytest.raises(RunError, match="Another training is running; stop it or wait for its end"),
        slot.training_slot(tmp_path),
    ):
        pass
    with slot.training_slot(tmp_path):
        pass


def test_what_cannot_be_trained_is_refused_before_a_run_is_made(home: Path):
    with pytest.raises(RecipeError, match="batch_size: 8192 is more than the"):
        jobs.start(Recipe(split="digits", dataset_kind="sample", batch_size=8192))
    with pytest.raises(DataError, match="has not been fetched"):
        jobs.start(Recipe(split="digits", dataset_kind="emnist"))
    assert not (home / "runs").exists()


def test_a_training_is_refused_before_a_run_is_made_where_runs_take_more_than_they_may(
    home: Path, monkeypatch: pytest.MonkeyPatch
):
    (home / "runs" / "old").mkdir(parents=True)
    (home / "runs" / "old" / "model.keras").write_bytes(bytes(20_000_000))
    monkeypatch.setenv("EMNIST_RUNS_GB", "0.019")
    with pytest.raises(RunError, match=r"take 0\.02 GB of at most 0\.019; delete some of the folders in .*runs"):
        jobs.start(ENDLESS, "new")
    assert [path.name for path in (home / "runs").iterdir()] == ["old"]


def test_a_home_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("EMNIST_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(RunError, match=r"cannot be written \(Not a directory\); set EMNIST_HOME to a folder that can"):
        jobs.start(ENDLESS)


def test_a_full_home_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch):
    def no_space(*_arguments: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(subprocess, "Popen", no_space)
    with pytest.raises(RunError, match=r"can be started \(No space left on device\); free some space"):
        jobs.start(ENDLESS)


def test_the_worker_is_told_the_home_of_whoever_starts_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A relative EMNIST_HOME would be another folder for the worker, which works elsewhere."""
    told: list[dict[str, str]] = []

    class Worker:
        pid = os.getpid()

        def __init__(self, command: list[str], env: dict[str, str], **_options: object) -> None:
            told.append({"home": env["EMNIST_HOME"], "command": command[-1]})

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EMNIST_HOME", "mine")
    monkeypatch.setattr(subprocess, "Popen", Worker)
    jobs.start(ENDLESS, "told")
    assert told == [{"home": str(tmp_path / "mine"), "command": "work"}]


def test_stopping_what_does_not_run_does_nothing(trained: Run):
    jobs.stop(trained)
    assert not trained.stop_file.exists()
