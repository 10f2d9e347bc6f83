"""The weights of a run, ``model.keras``: written whole, checked, and read as weights alone. Imports Keras."""

import keras

from emnist_core.errors import RunError
from emnist_core.files import write_atomically
from emnist_core.runs import checksums
from emnist_core.runs.run import Run


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
        network.load_weights(run.keras_file)
    except Exception as error:  # a damaged archive breaks zipfile, h5py and Keras in a dozen ways
        raise RunError(f"model.keras of the run {run.name} is damaged; train it again.") from error
    return network
