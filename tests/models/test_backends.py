"""The networks on Keras's JAX backend, in a child process: a backend is chosen once, at import."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from emnist_core import paths
from emnist_core.models import MODELS

CARRIED_OVER = ("lenet5", "lenet5-v2")
UNDER_JAX = {
    "KERAS_BACKEND": "jax",
    "JAX_PLATFORMS": "cpu",
    "XLA_FLAGS": "--xla_backend_optimization_level=0",  # compiling takes most of the time
}

CHILD = """
import json, sys
from pathlib import Path
import keras, numpy as np
from emnist_core.models import MODELS

folder = Path(sys.argv[1])
networks = {name: spec.build(47) for name, spec in MODELS.items()}
counts = {name: network.count_params() for name, network in networks.items()}
for path in folder.glob("*.keras"):
    networks[path.stem].load_weights(path)
    inputs = np.load(folder / f"{path.stem}-inputs.npy")
    np.save(folder / f"{path.stem}-jax.npy", np.asarray(networks[path.stem](inputs)))
print(json.dumps({"backend": keras.backend.backend(), "tensorflow": "tensorflow" in sys.modules, "counts": counts}))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Networks saved under TensorFlow with inputs and TensorFlow's answers."""
    folder = tmp_path_factory.mktemp("saved")
    for name in CARRIED_OVER:
        model = MODELS[name].build(47)
        inputs = np.random.default_rng(3).random((4, *MODELS[name].input_shape), dtype=np.float32)
        model.save(folder / f"{name}.keras")
        np.save(folder / f"{name}-inputs.npy", inputs)
        np.save(folder / f"{name}-tensorflow.npy", np.asarray(model(inputs)))
    return folder


@pytest.fixture(scope="module")
def child(folder: Path) -> dict[str, object]:
    """What a process under JAX saw."""
    pytest.importorskip("jax", reason="JAX is not installed, so the networks are not tried on it")
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder)],
        env=os.environ | UNDER_JAX,
        cwd=paths.PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_every_network_is_built_under_jax_without_tensorflow(child: dict[str, object]):
    counts = {name: spec.parameters for name, spec in MODELS.items()}
    assert child == {"backend": "jax", "tensorflow": False, "counts": counts}


@pytest.mark.usefixtures("child")
@pytest.mark.parametrize("name", CARRIED_OVER)
def test_a_file_saved_under_tensorflow_answers_the_same_under_jax(folder: Path, name: str):
    expected, found = (np.load(folder / f"{name}-{backend}.npy") for backend in ("tensorflow", "jax"))
    np.testing.assert_allclose(found, expected, atol=1e-5)
