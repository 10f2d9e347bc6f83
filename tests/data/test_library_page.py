"""docs/library.md: the code that it shows runs as it stands."""

import re
import subprocess
import sys

import numpy as np
import pytest

from emnist_core import data, paths

BLOCKS = re.findall(r"```python\n(.*?)```", (paths.PROJECT / "docs" / "library.md").read_text(), re.DOTALL)


def block(word: str) -> str:
    """The one block that imports ``word``."""
    (found,) = [code for code in BLOCKS if f"import {word}\n" in code or f"import {word} as" in code]
    return found


def test_numpy():
    names: dict[str, object] = {}
    exec(block("numpy"), names)
    train = data.load("balanced", "train")
    assert names["means"].shape == (47, 784)  # type: ignore[attr-defined]
    assert names["characters"][0] == train.split.labels[train.labels[0]]  # type: ignore[index]
    np.testing.assert_allclose(names["pixels"], train.images.reshape(-1, 784) / 255, atol=1e-6)  # type: ignore[call-overload]


@pytest.mark.slow
def test_keras():
    pytest.importorskip("keras")
    code = block("keras") + "\nprint(accuracy)"
    done = subprocess.run([sys.executable, "-c", code], cwd=paths.PROJECT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert 0 < float(done.stdout.split()[-1]) <= 1


def test_the_package_alone_is_enough():
    code = 'import emnist_core; train = emnist_core.data.load("balanced", "train"); print(train.images.shape)'
    done = subprocess.run([sys.executable, "-c", code], cwd=paths.PROJECT, capture_output=True, text=True)
    assert done.stdout.strip() == "(5640, 28, 28)", done.stderr
