"""How much ink an image holds."""

import numpy as np
import numpy.typing as npt

from emnist_core.data import Dataset
from emnist_core.data.streaming import pieces
from emnist_core.explore import result_cache

Shares = npt.NDArray[np.float32]


def ink_shares(images: npt.NDArray[np.uint8]) -> Shares:
    """The mean intensity of every image ``(N, 28, 28)``, in [0, 1]: 0 is paper, 1 is all ink."""
    shares = np.empty(len(images), np.float32)
    for start, piece in pieces(images):
        total = piece.reshape(len(piece), -1).sum(axis=1, dtype=np.uint32)
        shares[start : start + len(piece)] = total / np.float32(255 * piece[0].size)
    return shares


def of(dataset: Dataset) -> Shares:
    """The ink of every image of ``dataset``, kept on disk so that a filter need not read the images again."""
    return result_cache.arrays(dataset.sha256, "ink", lambda: {"share": ink_shares(dataset.images)})["share"]
