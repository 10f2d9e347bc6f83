"""A character of the sample as large as if it had been drawn."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from emnist_core.data import Dataset

SIDE = 280


def enlarged(dataset: Dataset, label: str) -> npt.NDArray[np.uint8]:
    """The first image of ``label`` in ``dataset`` as ink, uint8 ``(280, 280)`` of 0 and 255.

    A letter whose case the split does not keep stands for both; any other label that is not there is ``"0"``.
    """
    labels = dataset.split.labels
    name = next((one for one in (label, label.upper(), "0") if one in labels), labels[0])
    rows = np.flatnonzero(dataset.labels == labels.index(name))
    small = Image.fromarray(np.ascontiguousarray(dataset.images[rows[0]]))
    grey = np.asarray(small.resize((SIDE, SIDE), Image.Resampling.BICUBIC))
    return np.where(grey > 127, 255, 0).astype(np.uint8)
