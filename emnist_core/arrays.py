"""The kinds of arrays that the project hands around, a name each; shapes are in the docstrings that use them."""

import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8]
"""``(N, 28, 28)``, upright, ink 255 on paper 0."""

Pixels = NDArray[np.uint8]
"""``(height, width)``: one image or one picture, ink 255 on paper 0."""

Labels = NDArray[np.int64]
"""``(N,)``: classes as indices into ``Split.labels``."""

Rows = NDArray[np.int64]
"""``(N,)``: places in a dataset."""

Indices = NDArray[np.int64]
"""``(N,)``: places in an evaluation, which may leave out rows of its dataset."""

Counts = NDArray[np.int64]
"""Whole numbers counted, e.g. a confusion matrix ``(classes, classes)``, true by predicted."""

Mask = NDArray[np.bool_]
"""True where something holds."""

Hashes = NDArray[np.uint64]
"""``(N,)``: a 64-bit hash of each image."""

Inputs = NDArray[np.float32]
"""``(N, size, size, 1)`` in 0..1: images as a network takes them."""

Probabilities = NDArray[np.float32]
"""``(N, classes)``, each row summing to 1; or ``(N,)`` of them."""

Points = NDArray[np.float32]
"""``(N, dimensions)``: images as points of a space, or ``(N,)`` distances in it."""

Maps = NDArray[np.float32]
"""Values over the places of an image, e.g. how much each speaks for a class."""

Values = NDArray[np.float64]
"""What is computed in full precision: shares, thresholds, similarities."""
