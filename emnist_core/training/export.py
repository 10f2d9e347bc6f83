"""Export of a trained network to the serving format, with proof that it still answers the same.

LiteRT is the serving format: it opens in milliseconds without TensorFlow, which takes seconds. Weights are stored as
float16, which halves the file, and arithmetic stays float32; int8 quarters the file, and quantizes activations
as they come (LiteRT's dynamic-range quantization). ``docs/benchmarks.md`` has what each costs.
"""

import hashlib
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np

from emnist_core import paths
from emnist_core.arrays import Images, Labels
from emnist_core.errors import RunError
from emnist_core.evaluation.calibration import IMAGES_CALIBRATED, calibrate, validation_rows
from emnist_core.files import write_atomically
from emnist_core.runs import Run, Serving, checksums
from emnist_core.runs.weights import load_network
from emnist_core.serving.network_input import network_input
from emnist_core.serving.recognizer import Recognizer

Precision = Literal["float16", "float32", "int8"]
IMAGES_COMPARED = 2_000
BATCH = 256


def export(run: Run, precision: Precision = "float16", most: int | None = None) -> Serving:
    """Write ``model.tflite`` from ``model.keras``, and ``serving.json`` with how well the two agree.

    The comparison runs over the last validation rows, at most 2,000 of them.

    Args:
        run: a run with a ``model.keras``.
        precision: how weights are stored.
        most: compare and calibrate on no more validation rows than this, where somebody waits for it.

    Returns:
        What ``serving.json`` holds.

    Raises:
        RunError: when the run came with the project, there is no sound ``model.keras``, the validation images are
            not here, or Keras runs on another backend than TensorFlow, which LiteRT's converter needs.
    """
    run.refuse_if_shipped(f"copy its folder into {paths.own_runs()} under another name and export that")
    if keras.backend.backend() != "tensorflow":
        raise RunError("The serving model is exported by TensorFlow; run `python -m emnist_core export` there.")
    network, validation = load_network(run), validation_rows(run, most or IMAGES_COMPARED)
    # The old figures go first: they would call the new file damaged.
    (run.path / "serving.json").unlink(missing_ok=True)
    with checksums.renewing(run.serving_file):
        convert(network, run.serving_file, precision)
    measured = Serving(
        precision=precision,
        bytes=run.serving_file.stat().st_size,
        sha256=hashlib.sha256(run.serving_file.read_bytes()).hexdigest(),
        **compare(run, network, *validation),
    )
    run.write_serving(measured)
    return calibrate(run, most or IMAGES_CALIBRATED)


def convert(network: keras.Model, path: Path, precision: Precision) -> None:
    """Write ``network`` as a LiteRT file, atomically.

    What Keras's own ``export`` writes, in a sixth of the time: the graph goes to the converter with its weights as
    constants, not by way of a SavedModel on the disk.
    """
    import tensorflow as tf

    inputs = tf.TensorSpec((None, *network.input_shape[1:]), tf.float32)
    graph = tf.function(lambda images: network(images, training=False), autograph=False).get_concrete_function(inputs)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([graph], network)
    converter.experimental_lower_to_saved_model = False
    if precision != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if precision == "float16":
        converter.target_spec.supported_types = [tf.float16]
    with write_atomically(path) as temporary:
        temporary.write_bytes(converter.convert())


def compare(run: Run, network: keras.Model, images: Images, labels: Labels) -> dict[str, Any]:
    """Hold the serving model against the network on images."""
    inputs = network_input(images, run.recipe.spec.input_size)
    # Called, not ``predict``, which builds a graph first: that takes longer than so few images.
    batches = (network(inputs[begin : begin + BATCH], training=False) for begin in range(0, len(inputs), BATCH))
    expected = np.concatenate([keras.ops.convert_to_numpy(batch) for batch in batches])
    served = Recognizer(run, temperature=1.0).probabilities(images)
    return {
        "images_compared": len(labels),
        "agreement": float(np.mean(served.argmax(1) == expected.argmax(1))),
        "keras_accuracy": float(np.mean(expected.argmax(1) == labels)),
        "serving_accuracy": float(np.mean(served.argmax(1) == labels)),
        "largest_difference": float(np.abs(served - expected).max()),
    }
