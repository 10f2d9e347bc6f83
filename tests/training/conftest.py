"""A training of a few seconds on the bundled sample, shared by the tests that only look at it."""

import os

import pytest
from filelock import FileLock

from emnist_core import runs
from emnist_core.recipe import Recipe
from emnist_core.runs import Run

QUICK = Recipe(model="lenet5", split="digits", dataset_kind="sample", train_images=320, batch_size=32, epochs=2, seed=3)


@pytest.fixture(scope="session")
def quick() -> Recipe:
    """Ten digits, ten steps an epoch, two epochs."""
    return QUICK


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run of ``quick``, trained by the first of pytest's workers that asks, not to be changed."""
    from emnist_core.training.lifecycle import train

    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    run = Run(folder / "runs" / "trained")
    with FileLock(folder / "trained.lock"), pytest.MonkeyPatch.context() as patched:
        if not run.path.exists():
            patched.setenv("EMNIST_HOME", str(folder / "home-of-the-trained"))
            train(runs.create(QUICK, run.name, run.path.parent))
    return run
