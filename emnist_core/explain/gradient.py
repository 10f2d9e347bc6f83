"""Integrated gradients (Sundararajan, Taly and Yan 2017, arXiv:1703.01365) of a run's Keras network.

The network runs in a process of its own that ends with its answer, so that the process which asks never imports
TensorFlow. Starting that library is most of the wait, so what the process is busy with is told all along.
"""

import json
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from emnist_core import hosting, processes
from emnist_core.arrays import Images, Maps
from emnist_core.errors import RunError
from emnist_core.runs import Run

Tell = Callable[[str, float], None]
"""Hears what is being done, in words, and which share of the work is behind, in [0, 1]; several times a second."""

PATIENCE = 180
"""Seconds after which an answer is given up; a machine that also trains is slow."""
PAUSE = 0.2
"""Seconds from one look at the process to the next."""
ANSWERS = 100
"""Answers that are kept; one takes 3 kB an image and class."""

_ONE_AT_A_TIME = threading.Lock()
"""Each process takes as much memory as a training's; two visitors wait for one another."""


def obstacle(run: Run) -> str | None:
    """Why there are no gradients of ``run`` on this machine, in a sentence; None where there are."""
    if not run.keras_file.exists():
        return f"Gradients need the Keras network, and {run.name} has no model.keras here."
    if find_spec("tensorflow") is None:
        return "Gradients need TensorFlow, which is not installed; `pip install -r requirements.txt`."
    return hosting.refusal("compute")


def integrated_gradients(
    run: Run, images: Images, classes: tuple[int, ...], tell: Tell = lambda _words, _share: None
) -> Maps:
    """How much each pixel's ink adds to the probability of some classes, on the way from blank paper to the image.

    Args:
        run: a run without an ``obstacle``.
        images: uint8 ``(N, 28, 28)``.
        classes: indices of the classes to ask for.
        tell: hears how far it is; not called where the answer is kept from an earlier question.

    Returns:
        float32 ``(N, len(classes), 28, 28)``, read-only. The pixels of a map sum to the class's probability for the
        image less that for blank paper; above 0 the ink there speaks for the class, below 0 against it; 0 on paper.

    Raises:
        RunError: when there is an obstacle, ``model.keras`` is damaged, or no answer came.
    """
    reason = obstacle(run)
    if reason is not None:
        raise RunError(reason)
    content = np.ascontiguousarray(images, np.uint8).tobytes()
    changed = run.keras_file.stat().st_mtime_ns
    return _answer(Question(str(run.path.absolute()), changed, run.temperature(), content, classes, tell))


@dataclass(frozen=True)
class Question:
    """What is asked of a run's network as it is now; who hears of it makes no difference to the answer."""

    run: str
    changed: int
    temperature: float
    images: bytes
    classes: tuple[int, ...]
    tell: Tell = field(compare=False)


@lru_cache(maxsize=ANSWERS)
def _answer(question: Question) -> Maps:
    while not _ONE_AT_A_TIME.acquire(timeout=PAUSE):
        question.tell("Waiting for the answer to another visitor", 0)
    try:
        with tempfile.TemporaryDirectory() as folder:
            return ask_process(question, Path(folder))
    finally:
        _ONE_AT_A_TIME.release()


def ask_process(question: Question, folder: Path) -> Maps:
    """Have a process answer, with its files in ``folder``."""
    given, answer, told, errors = (folder / name for name in ("images.npy", "maps.npy", "told", "errors"))
    np.save(given, np.frombuffer(question.images, np.uint8).reshape(-1, 28, 28))
    asked = json.dumps([int(index) for index in question.classes])
    with told.open("wb") as output, errors.open("wb") as complaints:
        process = processes.start(
            "emnist_core.explain.gradient_worker",
            question.run,
            str(given),
            str(answer),
            asked,
            output=output,
            errors=complaints,
            environment={"KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": ""},
        )
    try:
        _wait(process, told, question.tell)
    finally:  # a visitor who leaves ends the telling
        process.kill()
        process.wait()
    complaint = _last_line(errors)
    if process.returncode == 2:
        raise RunError(complaint)
    if process.returncode:
        name = Path(question.run).name
        raise RunError(f"The gradients of {name} could not be computed: {complaint or 'the process said nothing'}")
    maps: Maps = np.load(answer, allow_pickle=False)
    maps.flags.writeable = False
    return maps


def _wait(process: "subprocess.Popen[bytes]", told: Path, tell: Tell) -> None:
    """Wait for the end of ``process`` and pass on what it says, line by line, of itself."""
    began = time.monotonic()
    while process.poll() is None:
        seconds = time.monotonic() - began
        if seconds > PATIENCE:
            raise RunError(f"The gradients were not there after {PATIENCE} s; try again when less is running.")
        share, words = json.loads(_last_line(told) or '[0, "Starting TensorFlow, the longest part"]')
        tell(f"{words}, {seconds:.0f} s", share)
        time.sleep(PAUSE)


def _last_line(file: Path) -> str:
    """The last whole line in the file; empty where there is none."""
    *lines, _ = file.read_text(encoding="utf-8", errors="replace").split("\n")
    return lines[-1].strip() if lines else ""
