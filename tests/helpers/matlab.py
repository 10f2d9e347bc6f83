"""Writer of NIST's MATLAB files, for tests."""

import io

import numpy as np
import scipy.io

from emnist_core.splits import Split

Rows = tuple[np.ndarray, np.ndarray, np.ndarray | None]


def mat(split: Split, parts: dict[str, Rows], compressed: bool = True) -> bytes:
    """``emnist-<split>.mat``: by part upright images (N, 28, 28), class indices (N,) and writers (N,) or None."""
    dataset: dict[str, object] = {
        "mapping": np.array([[index + split.label_offset, ord(label)] for index, label in enumerate(split.labels)])
    }
    for part, (images, labels, writers) in parts.items():
        fields = {
            "images": images.transpose(0, 2, 1).reshape(len(images), -1),
            "labels": (labels + split.label_offset).astype(float)[:, np.newaxis],
        }
        if writers is not None:
            fields["writers"] = writers.astype(np.uint16)[:, np.newaxis]
        dataset[part] = fields
    content = io.BytesIO()
    scipy.io.savemat(content, {"dataset": dataset}, do_compression=compressed)
    return content.getvalue()
