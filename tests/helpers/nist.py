"""Writers of EMNIST's files, for tests: upright images and class indices → NIST's and Kaggle's layouts."""

import gzip
import io
import struct
import zipfile
from pathlib import Path

import numpy as np

from emnist_core.splits import Part, Split, get_split


def idx_images(images: np.ndarray) -> bytes:
    """An IDX file of images: uint8 (N, 28, 28) upright → bytes, transposed as NIST stores them."""
    return struct.pack(">4I", 2051, *images.shape) + images.transpose(0, 2, 1).tobytes()


def idx_labels(labels: np.ndarray, split: Split) -> bytes:
    """An IDX file of labels: int64 (N,) class indices → bytes, with the split's offset."""
    return struct.pack(">2I", 2049, len(labels)) + (labels + split.label_offset).astype(np.uint8).tobytes()


def csv(images: np.ndarray, labels: np.ndarray, split: Split) -> bytes:
    """Kaggle's CSV: the label with the split's offset, then 784 transposed pixels; no header."""
    rows = np.column_stack([labels + split.label_offset, images.transpose(0, 2, 1).reshape(len(images), -1)])
    text = io.StringIO()
    np.savetxt(text, rows, fmt="%d", delimiter=",")
    return text.getvalue().encode()


def random_rows(split: Split, count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Noise: uint8 (count, 28, 28) and int64 (count,) class indices."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (count, 28, 28), np.uint8), rng.integers(0, split.classes, count)


def packed(name: str, part: Part, images: np.ndarray, labels: np.ndarray) -> dict[str, bytes]:
    """NIST's two gzipped files of one part, by name."""
    stem = f"emnist-{name}-{part}"
    return {
        f"{stem}-images-idx3-ubyte.gz": gzip.compress(idx_images(images), 1, mtime=0),
        f"{stem}-labels-idx1-ubyte.gz": gzip.compress(idx_labels(labels, get_split(name)), 1, mtime=0),
    }


def part_files(name: str, part: Part, count: int = 60, seed: int = 0) -> dict[str, bytes]:
    """NIST's two gzipped files of one part, filled with noise, by name."""
    return packed(name, part, *random_rows(get_split(name), count, seed))


def write_folder(folder: Path, files: dict[str, bytes]) -> Path:
    """Write ``files`` into ``folder`` and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def write_zip(path: Path, files: dict[str, bytes]) -> Path:
    """Write ``files`` as the members of a zip archive and return its path."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path
