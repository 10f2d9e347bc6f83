"""The process behind ``gradient``: ``python -m emnist_core.explain.gradient_worker RUN IMAGES.npy MAPS.npy CLASSES``.

``CLASSES`` are class indices as JSON. How far it is, stdout says, a line each time: ``[share, words]``. A person's
mistake is a sentence on stderr and exit status 2.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from emnist_core.arrays import Images, Inputs, Maps
from emnist_core.errors import EmnistError
from emnist_core.runs import Run
from emnist_core.runs.weights import load_network
from emnist_core.serving.network_input import network_input

STEPS = 128
LEAST = 1e-30


def integrated_gradients(
    network: keras.Model,
    inputs: Inputs,
    classes: list[int],
    temperature: float,
    tell: Callable[[float, str], None] = lambda _share, _words: None,
) -> Maps:
    """The maps of inputs ``(N, size, size, 1)`` with paper as the baseline: float32 ``(N, len(classes), size, size)``.

    The integral is taken by the midpoint rule. Probabilities are those that are served: the logits divided by
    ``temperature``.
    """
    way = ((np.arange(STEPS) + 0.5) / STEPS).astype(np.float32)[:, np.newaxis, np.newaxis, np.newaxis]
    maps: list[list[Maps]] = []
    total = len(inputs) * len(classes)
    for image in inputs:
        points = tf.constant(way * image)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(points)
            logits = tf.math.log(tf.maximum(network(points, training=False), LEAST))
            asked = tf.gather(tf.nn.softmax(logits / temperature), classes, axis=1)
            # Each point's answer depends on that point alone, so the sums' derivatives are the points' own.
            sums = [tf.reduce_sum(asked[:, place]) for place in range(len(classes))]
        maps.append([])
        for value in sums:  # one by one: a Jacobian of all at once takes twice as long
            number = sum(map(len, maps)) + 1
            tell((number - 1) / total, f"Following the ink, map {number} of {total}")
            slopes = tape.gradient(value, points)  # (STEPS, size, size, 1)
            maps[-1].append((tf.reduce_mean(slopes, axis=0).numpy() * image)[..., 0])
    return np.array(maps, np.float32)


def answer(run: Run, images: Images, classes: list[int]) -> Maps:
    """The maps of uint8 images ``(N, 28, 28)``, float32 ``(N, len(classes), 28, 28)``."""
    tell(0, "Reading the network")
    network, size = load_network(run), run.recipe.spec.input_size
    maps = integrated_gradients(network, network_input(images, size), classes, run.temperature(), tell)
    margin = (size - images.shape[1]) // 2
    return maps[..., margin : size - margin, margin : size - margin]


def tell(share: float, words: str) -> None:
    """Say how far the work is."""
    print(json.dumps([share, words]), flush=True)


def main() -> None:
    """Compute what the command line asks for."""
    path, images_file, answer_file, classes = sys.argv[1:]
    try:
        maps = answer(Run(Path(path)), np.load(images_file, allow_pickle=False), json.loads(classes))
    except EmnistError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    np.save(answer_file, maps)


if __name__ == "__main__":
    main()
