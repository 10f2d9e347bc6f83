"""The weights of a run, ``model.keras``: written whole, checked, and read as weights alone. Imports Keras."""

import io
import zipfile
from pathlib import Path

import h5py
import keras

from emnist_core.errors import RunError
from emnist_core.files import write_atomically
from emnist_core.runs import checksums, notes
from emnist_core.runs.run import Run

BYTES_A_PARAMETER = 4
MEGABYTE = 1_000_000


def save_network(network: keras.Model, run: Run) -> None:
    """Write ``model.keras``, without an optimizer, atomically."""
    with checksums.renewing(run.keras_file), write_atomically(run.keras_file) as temporary:
        network.save(temporary, include_optimizer=False)


def load_network(run: Run, precision: str = "float32") -> keras.Model:
    """Build the run's architecture in a precision and load the weights of ``model.keras`` into it.

    Only weights are read: the file's own description of the network, which could name code, is not.

    Raises:
        RunError: when there is no such file, it is not as it was written, or it is another network's.
    """
    if not run.keras_file.exists():
        raise RunError(f"The run {run.name} has no model.keras; train it again to export it.")
    keras.mixed_precision.set_global_policy(precision)
    network = run.recipe.spec.build(run.split.classes)
    try:
        checksums.check(run.keras_file)
        if notes.read_or_none(run).imported:
            _ensure_plain(run.keras_file, BYTES_A_PARAMETER * network.count_params() + MEGABYTE)
        network.load_weights(run.keras_file)
    except Exception as error:  # a damaged archive breaks zipfile, h5py and Keras in a dozen ways
        raise RunError(f"model.keras of the run {run.name} is damaged; train it again.") from error
    return network


def _ensure_plain(file: Path, most: int) -> None:
    """Make sure that the weights that somebody brought are numbers within the file, ``most`` bytes of them.

    HDF5 can lead to other files of this machine, by links and by storage outside, and unpack little into much.

    Raises:
        ValueError: when they do so.
    """
    with zipfile.ZipFile(file) as archive, h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as weights:
        if _bytes_within(weights, 0) > most:
            raise ValueError("more weights than the network has")


def _bytes_within(group: h5py.Group, depth: int) -> int:
    total = 0
    for name in group:
        item = group[name] if isinstance(group.get(name, getlink=True), h5py.HardLink) and depth < 20 else None
        if isinstance(item, h5py.Group):
            total += _bytes_within(item, depth + 1)
        elif isinstance(item, h5py.Dataset) and not (item.external or item.is_virtual or item.chunks):
            total += item.nbytes
        else:
            raise ValueError(f"{name} is no plain array")
    return total
