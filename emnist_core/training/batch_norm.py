"""Batch normalisation's statistics, computed again from images as they are.

While a network trains, batch normalisation keeps running averages of what it sees: images that augmentation has varied.
What it is asked afterwards are images as they were written, whose maps have other means and variances. Once the weights
are settled, a few forward passes over unvaried training images give their statistics without learning anything (Wu and
Johnson 2021, "Rethinking 'Batch' in BatchNorm", arXiv:2105.07576; Touvron and others 2019, arXiv:1906.06423, on what
training and test images that differ cost). Dropout, which nothing is asked with either, is off meanwhile.
"""

import keras
import numpy as np

from emnist_core.arrays import Images
from emnist_core.recipe import Recipe
from emnist_core.serving.network_input import network_input

BATCH = 256


def settle(network: keras.Model, images: Images, size: int) -> None:
    """Replace the moving averages of every batch normalisation by the mean over batches of ``images``.

    Args:
        network: a network, changed in place; one without batch normalisation stays as it is.
        images: uint8 ``(N, 28, 28)``, in an order in which neighbours have nothing in common; what is left over after
            the last whole batch of 256 is not used, unless there is no other.
        size: height and width of the network's input.
    """
    norms = [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]
    dropouts = [layer for layer in network.layers if isinstance(layer, keras.layers.Dropout)]
    momenta, rates = [norm.momentum for norm in norms], [dropout.rate for dropout in dropouts]
    try:
        for dropout in dropouts:
            dropout.rate = 0
        for number in range(max(1, len(images) // BATCH)):
            for norm in norms:
                # What the average holds is the mean of ``number`` batches; the next counts as much as each of them.
                norm.momentum = number / (number + 1)
            network(network_input(images[number * BATCH : (number + 1) * BATCH], size), training=True)
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
        for dropout, rate in zip(dropouts, rates, strict=True):
            dropout.rate = rate


def sample_images(images: Images, recipe: Recipe) -> Images:
    """The recipe's ``batch_norm_images`` of the images it was trained on, in random order, uint8 ``(n, 28, 28)``."""
    order = np.random.default_rng(recipe.seed).permutation(len(images))
    return images[order[: recipe.batch_norm_images]]
