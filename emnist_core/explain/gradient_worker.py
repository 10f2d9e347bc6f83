"""The process behind ``gradient``: ``python -m emnist_core.explain.gradient_worker RUN IMAGES.npy MAPS.npy CLASSES``.

``CLASSES`` are class indices as JSON. A person's mistake is a sentence on stderr and exit status 2.
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from emnist_core.arrays import Images, Inputs, Maps
from emnist_core.errors import EmnistError
from emnist_core.runs import Run
from emnist_core.serving.network_input import network_input
from emnist_core.training.export import load_network

STEPS = 128
LEAST = 1e-30


def integrated_gradients(network: keras.Model, inputs: Inputs, classes: list[int], temperature: float) -> Maps:
    """The maps of inputs ``(N, size, size, 1)`` with paper as the baseline: float32 ``(N, len(classes), size, size)``.

    The integral is taken by the midpoint rule. Probabilities are those that are served: the logits divided by
    ``temperature``.
    """
    way = ((np.arange(STEPS) + 0.5) / STEPS).astype(np.float32)[:, np.newaxis, np.newaxis, np.newaxis]
    maps = []
    for image in inputs:
        points = tf.constant(way * image)
        with tf.GradientTape() as tape:
            tape.watch(points)
            logits = tf.math.log(tf.maximum(network(points, training=False), LEAST))
            asked = tf.gather(tf.nn.softmax(logits / temperature), classes, axis=1)
            # Each point's answer depends on that point alone, so the sums' derivatives are the points' own.
            sums = tf.reduce_sum(asked, axis=0)
        slopes = tape.jacobian(sums, points)  # (classes, STEPS, size, size, 1)
        maps.append((tf.reduce_mean(slopes, axis=1).numpy() * image)[..., 0])
    return np.array(maps, np.float32)


def answer(run: Run, images: Images, classes: list[int]) -> Maps:
    """The maps of uint8 images ``(N, 28, 28)``, float32 ``(N, len(classes), 28, 28)``."""
    network, size = load_network(run), run.recipe.spec.input_size
    maps = integrated_gradients(network, network_input(images, size), classes, run.temperature())
    margin = (size - images.shape[1]) // 2
    return maps[..., margin : size - margin, margin : size - margin]


def main() -> None:
    """Compute what the command line asks for."""
    path, given, found, classes = sys.argv[1:]
    try:
        maps = answer(Run(Path(path)), np.load(given, allow_pickle=False), json.loads(classes))
    except EmnistError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    np.save(found, maps)


if __name__ == "__main__":
    main()
