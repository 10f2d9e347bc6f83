"""The queue of trainings: whose turn it is, and the worker that is killed, paused, out of room, and goes on."""

import os
import signal
import subprocess
import sys
import time
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from filelock import FileLock

from emnist_core import paths, runs
from emnist_core.errors import NotAllowedError, RunError
from emnist_core.processes import Worker
from emnist_core.recipe import Recipe
from emnist_core.runs import Run
from emnist_core.training import jobs, queue
from emnist_core.training.slot import TakenError

SHORT = Recipe(model="lenet5", split="digits", dataset_kind="sample", train_images=320, batch_size=32, epochs=1)
LONG = Recipe(model="lenet5", split="digits", dataset_kind="sample", batch_size=4, epochs=1000)


def wait_until(holds: Callable[[], bool], seconds: float = 180) -> None:
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < seconds, "it took too long"
        time.sleep(0.05)


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is queued waits for good."""
    monkeypatch.setattr(queue, "ensure_worker", lambda: None)


@pytest.fixture
def workers() -> Iterator[None]:
    """No worker is left when the test is over."""
    yield
    for process in psutil.Process().children():
        process.kill()
        process.wait()


def state(run: Run) -> str:
    return run.status().state


def names() -> list[str]:
    return [run.name for run in queue.waiting()]


@pytest.mark.usefixtures("no_worker")
def test_turns_are_kept_changed_and_given_up():
    first, second, third = (jobs.start(SHORT, name) for name in ("first", "second", "third"))
    assert names() == ["first", "second", "third"]
    jobs.move(third, -1)
    assert names() == ["first", "third", "second"]
    jobs.move(first, -1)
    jobs.move(second, 1)
    assert names() == ["first", "third", "second"]
    jobs.cancel(first)
    assert names() == ["third", "second"]
    assert not first.path.exists()
    with pytest.raises(RunError, match="trains or waits already"):
        jobs.resume(second)


@pytest.mark.usefixtures("no_worker")
def test_a_clock_that_is_set_back_lets_nobody_pass(monkeypatch: pytest.MonkeyPatch):
    jobs.start(SHORT, "first")
    an_hour_ago = time.time() - 3600
    monkeypatch.setattr(time, "time", lambda: an_hour_ago)
    jobs.start(SHORT, "second")
    assert names() == ["first", "second"]


@pytest.mark.usefixtures("no_worker")
@pytest.mark.parametrize("learned", ["checkpoint.npz", "model.keras", "model.tflite"])
def test_what_learned_before_is_kept_when_it_is_given_up_before_another_step(learned: str):
    run = jobs.start(SHORT, "resumed")
    (run.path / learned).write_bytes(b"0")
    jobs.cancel(run)  # its status counts no step yet
    assert state(run) == "paused"
    assert (run.path / learned).exists()


@pytest.mark.usefixtures("no_worker")
def test_what_waits_is_given_no_more_epochs():
    run = jobs.start(SHORT, "waiting")
    run.checkpoint_file.write_bytes(b"0")
    with pytest.raises(RunError, match="trains or waits already"):
        jobs.resume(run, more_epochs=10)
    assert Run(run.path).recipe.epochs == SHORT.epochs


@pytest.mark.usefixtures("no_worker")
def test_what_is_refused_a_turn_is_given_no_more_epochs(monkeypatch: pytest.MonkeyPatch):
    run = jobs.start(SHORT, "done")
    status = run.status()
    status.state = "finished"
    run.write_status(status)
    run.checkpoint_file.write_bytes(b"0")
    monkeypatch.setattr(queue, "MOST_WAITING", 0)
    with pytest.raises(RunError, match="trainings wait here"):
        jobs.resume(run, more_epochs=10)
    assert Run(run.path).recipe.epochs == SHORT.epochs


@pytest.mark.usefixtures("no_worker")
def test_a_stop_that_a_dead_worker_never_saw_does_not_end_what_is_resumed():
    run = jobs.start(SHORT, "resumed")
    status = run.status()
    status.state = "failed"
    run.write_status(status)
    run.stop_file.write_text("stop")
    jobs.resume(run)
    assert run.asked is None


@pytest.mark.usefixtures("no_worker")
def test_what_another_training_came_before_waits_for_its_end():
    from emnist_core.training import lifecycle  # imports Keras

    run = jobs.start(SHORT, "queued")
    taken = queue._take("loading TensorFlow")
    assert taken is not None
    with FileLock(paths.own_runs() / ".training.lock"), pytest.raises(TakenError):
        lifecycle.train(taken)
    assert (state(run), run.status().message) == (
        "queued", "Another training came between; it goes on after that."
    )  # fmt: skip
    assert names() == ["queued"]


@pytest.mark.usefixtures("no_worker")
def test_a_pause_before_the_first_step_is_no_stop():
    run = jobs.start(SHORT, "early")
    status = run.status()
    status.state, status.worker = "starting", Worker.this()
    run.write_status(status)
    jobs.pause(run)
    program = (
        "import sys, time; from pathlib import Path; from emnist_core.runs import Run;"
        "from emnist_core.training.callbacks import StopOnRequest; run = Run(Path(sys.argv[1]));"
        "StopOnRequest(run, run.status()); time.sleep(60)"
    )
    assert subprocess.run([sys.executable, "-c", program, str(run.path)], timeout=90).returncode == 0
    assert (state(run), run.status().message) == ("paused", "Paused before the first step; nothing was learned.")


@pytest.mark.usefixtures("no_worker")
def test_a_damaged_status_holds_up_nobody():
    broken, sound = (jobs.start(SHORT, name) for name in ("broken", "sound"))
    (broken.path / "status.json").write_text("{")
    assert names() == ["sound"]
    jobs.move(sound, -1)
    queue.tend()
    assert names() == ["sound"]


@pytest.mark.usefixtures("no_worker")
def test_on_a_hosted_app_a_run_is_in_the_hands_of_who_started_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EMNIST_HOSTED", "1")
    monkeypatch.setenv("EMNIST_ALLOW_TRAINING", "1")
    monkeypatch.setenv("EMNIST_MOST_EPOCHS", "3")
    monkeypatch.setenv("EMNIST_MOST_MINUTES", "7")
    monkeypatch.setenv("EMNIST_MOST_WAITING", "2")
    hers, his = jobs.start(SHORT, "hers", "she"), jobs.start(SHORT, "his", "he")
    assert hers.status().minutes == 7
    for act in (jobs.cancel, jobs.stop, jobs.pause, jobs.resume, lambda run, visitor: jobs.move(run, 1, visitor)):
        with pytest.raises(NotAllowedError, match="somebody else's"):
            act(hers, "he")
    with pytest.raises(NotAllowedError, match="somebody else's"):
        jobs.move(his, -1, "he")  # before hers
    with pytest.raises(NotAllowedError, match="at most 3 epochs on this app, not 4"):
        jobs.start(Recipe.parse(SHORT.model_dump() | {"epochs": 4}), "long", "he")
    jobs.start(SHORT, "more", "he")
    with pytest.raises(NotAllowedError, match="2 trainings waiting"):
        jobs.start(SHORT, "too-many", "he")
    monkeypatch.setenv("EMNIST_MOST_WAITING", "many")
    with pytest.raises(NotAllowedError, match="is no number; ask this app's host"):
        jobs.start(SHORT, "none", "she")
    assert names() == ["hers", "his", "more"]


@pytest.mark.usefixtures("no_worker")
def test_what_has_no_room_waits_and_says_so(monkeypatch: pytest.MonkeyPatch):
    run = jobs.start(SHORT, "large")
    usage = namedtuple("usage", "total used free")
    with monkeypatch.context() as patched:
        patched.setattr("shutil.disk_usage", lambda _path: usage(10**9, 10**9, 10**6))
        assert queue._take("anything") is None
        assert (state(run), run.status().message) == ("queued", "The disk is full; it goes on when there is room.")
    taken = queue._take("anything")
    assert taken is not None
    assert (taken.name, state(run), run.status().message) == ("large", "starting", None)


@pytest.mark.usefixtures("no_worker")
def test_a_run_whose_worker_dies_again_and_again_is_left_alone():
    run = jobs.start(SHORT, "unlucky")
    for _ in range(queue.MOST_ATTEMPTS):
        status = run.status()
        status.state = "training"  # by nobody
        run.write_status(status)
        queue.tend()
        assert state(run) == "queued"
    status = run.status()
    status.state = "training"
    run.write_status(status)
    queue.tend()
    assert state(run) == "lost"


@pytest.mark.usefixtures("workers")
def test_one_worker_trains_what_waits_and_ends():
    first, second = jobs.start(SHORT, "first"), jobs.start(SHORT, "second")
    queue.ensure_worker()
    queue.ensure_worker()
    wait_until(lambda: state(second) == "finished")
    assert state(first) == "finished", (first.path / "log.txt").read_text()
    assert first.status().pid == second.status().pid
    assert first.status().updated <= second.status().started
    wait_until(lambda: second.status().worker.process() is None, seconds=10)
    assert "Traceback" not in (paths.own_runs() / ".worker.log").read_text()


@pytest.mark.usefixtures("workers")
def test_a_killed_worker_is_followed_by_another_that_goes_on_and_can_be_paused():
    run, after = jobs.start(LONG, "endless"), jobs.start(SHORT, "after")
    wait_until(run.checkpoint_file.exists)
    worker = run.status().worker
    os.kill(worker.pid, signal.SIGKILL)
    wait_until(lambda: worker.process() is None, seconds=10)
    reached = run.status()
    assert reached.state == "lost"
    queue.tend()
    assert (state(run), run.status().message) == (
        "queued", f"Its worker died at step {reached.step:,}; it goes on by itself."
    )  # fmt: skip
    assert names() == ["endless", "after"]
    # The server looks again and again; a process that is gone may hold its lock for another moment.
    wait_until(lambda: queue.tend() or state(run) == "training")
    assert run.status().epoch >= 1
    assert run.status().attempts == 1

    jobs.pause(run)
    wait_until(lambda: state(after) == "finished")
    assert state(run) == "paused"
    assert run.checkpoint_file.exists()
    assert not run.stop_file.exists()
    before = run.status().step
    jobs.resume(run)
    wait_until(lambda: run.status().step > before)
    assert state(run) == "training"
    assert len(run.metrics("epoch")) == run.status().epoch


def test_a_worker_is_woken_where_it_would_stay(monkeypatch: pytest.MonkeyPatch):
    woken: list[str] = []
    monkeypatch.setattr(queue, "ensure_worker", lambda: woken.append("worker"))
    jobs.wake()
    assert woken == []
    monkeypatch.setenv("EMNIST_KEEP_WARM", "5")
    jobs.wake()
    assert woken == ["worker"]
    monkeypatch.setenv("EMNIST_HOSTED", "1")
    jobs.wake()
    assert woken == ["worker"]


def test_a_warm_worker_is_asked_for_in_minutes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("EMNIST_KEEP_WARM", "2.5")
    assert queue.keep_warm() == 150
    monkeypatch.setenv("EMNIST_KEEP_WARM", "a while")
    with pytest.raises(RunError, match="which is no number of minutes"):
        queue.keep_warm()
    monkeypatch.setenv("EMNIST_HOME", str(tmp_path / "nowhere"))
    queue.tend()
    assert not runs.runs_in(paths.own_runs())
    assert not (tmp_path / "nowhere").exists()
