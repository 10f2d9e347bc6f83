"""Files of a split's official size where not all of its rows are at hand: real rows, repeated."""

import gzip
import struct
from pathlib import Path

from emnist_core.data import Dataset
from emnist_core.splits import Part, Split


def write_part(folder: Path, split: Split, part: Part, rows: Dataset) -> None:
    """Write NIST's two files of one part into ``folder``, by repeating ``rows`` up to the part's official count."""
    count = split.count(part)
    stem = folder / f"emnist-{split.name}-{part}"
    stored = rows.images.transpose(0, 2, 1).tobytes()
    with gzip.open(f"{stem}-images-idx3-ubyte.gz", "wb", 1) as file:
        file.write(struct.pack(">4I", 2051, count, 28, 28))
        left = count * 784
        while left:
            left -= file.write(stored[:left])
    labels = rows.labels.astype("u1").tobytes()
    with gzip.open(f"{stem}-labels-idx1-ubyte.gz", "wb", 1) as file:
        file.write(struct.pack(">2I", 2049, count) + (labels * (count // len(labels) + 1))[:count])
