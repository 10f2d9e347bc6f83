"""Integrated gradients (Sundararajan, Taly and Yan 2017, arXiv:1703.01365) of a run's Keras network.

The network runs in a process of its own that ends with its answer, so that the process which asks never imports
TensorFlow.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from emnist_core import paths
from emnist_core.arrays import Images, Maps
from emnist_core.errors import RunError
from emnist_core.runs import Run

PATIENCE = 180
"""Seconds after which an answer is given up; a machine that also trains is slow."""

_ONE_AT_A_TIME = threading.Lock()
"""Each process takes as much memory as a training's; two visitors wait for one another."""


def obstacle(run: Run) -> str | None:
    """Why there are no gradients of ``run`` on this machine, in a sentence; None where there are."""
    if not run.keras_file.exists():
        return f"Gradients need the Keras network, and {run.name} has no model.keras here."
    if find_spec("tensorflow") is None:
        return "Gradients need TensorFlow, which is not installed; `pip install -r requirements.txt`."
    return None


def integrated_gradients(run: Run, images: Images, classes: tuple[int, ...]) -> Maps:
    """How much each pixel's ink adds to the probability of some classes, on the way from blank paper to the image.

    Args:
        run: a run without an ``obstacle``.
        images: uint8 ``(N, 28, 28)``.
        classes: indices of the classes to ask for.

    Returns:
        float32 ``(N, len(classes), 28, 28)``. The pixels of a map sum to the class's probability for the image less
        that for blank paper; above 0 the ink there speaks for the class, below 0 against it; 0 on paper.

    Raises:
        RunError: when there is an obstacle, ``model.keras`` is damaged, or no answer came.
    """
    reason = obstacle(run)
    if reason is not None:
        raise RunError(reason)
    with tempfile.TemporaryDirectory() as folder, _ONE_AT_A_TIME:
        given, found = Path(folder) / "images.npy", Path(folder) / "maps.npy"
        np.save(given, np.asarray(images, np.uint8))
        try:
            done = _ask(str(run.path.absolute()), str(given), str(found), json.dumps([int(c) for c in classes]))
        except subprocess.TimeoutExpired:
            raise RunError(
                f"The gradients were not there after {PATIENCE} s; try again when less is running."
            ) from None
        if done.returncode == 2:
            raise RunError(done.stderr.strip().splitlines()[-1])
        if done.returncode:
            raise RunError(f"The gradients of {run.name} could not be computed: {_last(done.stderr)}")
        maps: Maps = np.load(found, allow_pickle=False)
        return maps


def _ask(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the worker to its end."""
    return subprocess.run(
        [sys.executable, "-m", "emnist_core.explain.gradient_worker", *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=paths.PROJECT,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "2", "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": ""},
        timeout=PATIENCE,
        check=False,
    )


def _last(text: str) -> str:
    """The last line of what a process said."""
    return (text.strip().splitlines() or ["it said nothing"])[-1]
