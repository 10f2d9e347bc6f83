"""A training of a few seconds on the bundled sample, shared by the tests that only look at it."""

import pytest

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
    """A finished run of ``quick``, not to be changed."""
    from emnist_core.training.lifecycle import train

    run = runs.create(QUICK, "trained", tmp_path_factory.mktemp("runs"))
    train(run)
    return run
