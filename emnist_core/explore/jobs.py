"""What takes long to compute from images: what is asked for, and where its result is kept.

A job is known by what it computes and from which data, so it has one place on disk: the kept arrays when it is done,
or beside them ``.error`` with a sentence when it could not be. ``queue`` has it computed.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from emnist_core import data, files
from emnist_core.explore import atlas, duplicates, result_cache, statistics
from emnist_core.splits import Part

Kind = Literal["pca", "tsne", "umap", "outliers", "duplicates"]


@dataclass(frozen=True)
class Job:
    """One computation on one dataset.

    Attributes:
        kind: a map (``"pca"``, ``"tsne"``, ``"umap"``), ``"outliers"``, or ``"duplicates"``, which looks for the
            test part's images in the training part of the same split.
        split, part, dataset_kind: the data, as in ``data.load``.
        sha256: the data's hash; of both parts' where both are read.
        most: images on a map, otherwise 0.
    """

    kind: Kind
    split: str
    part: Part
    dataset_kind: data.DatasetKind
    sha256: str
    most: int = 0

    @property
    def result(self) -> Path:
        """The file of the kept arrays."""
        return result_cache.file(self.sha256, f"{self.kind}-{self.most}" if self.most else self.kind)

    @property
    def _error(self) -> Path:
        return self.result.with_suffix(".error")

    def frame(self) -> pd.DataFrame | None:
        """What was computed; None when it is not there."""
        arrays = result_cache.read(self.result)
        return None if arrays is None else pd.DataFrame(arrays)

    def error(self) -> str | None:
        """Why it could not be computed, in a sentence."""
        with suppress(OSError, UnicodeDecodeError):
            return self._error.read_text(encoding="utf-8")
        return None

    def forget(self) -> None:
        """Let go of a result that cannot be read and of a reason why there is none; raises ``OSError``."""
        self._error.unlink(missing_ok=True)
        self.result.unlink(missing_ok=True)

    def compute(self) -> pd.DataFrame:
        """What is asked for, in this process; raises ``EmnistError`` when it cannot be had."""
        dataset = data.load(self.split, self.part, self.dataset_kind)
        if self.kind == "duplicates":
            return duplicates.duplicates(dataset, data.load(self.split, "train", self.dataset_kind))
        if self.kind == "outliers":
            return statistics.outliers(dataset)
        return atlas.atlas(dataset, self.kind, self.most)

    def done(self) -> pd.DataFrame:
        """What was computed, or is now, in this process; a disk that refuses costs only the keeping."""
        frame = self.frame()
        if frame is None:
            frame = self.compute()
            with suppress(OSError):
                self.finish(frame)
        return frame

    def finish(self, frame: pd.DataFrame) -> None:
        """Keep what was computed; for the process that computed it."""
        result_cache.write(self.result, result_cache.frame_to_arrays(frame))

    def fail(self, sentence: str) -> None:
        """Say why nothing was computed; for the process that could not."""
        with files.write_atomically(self._error) as temporary:
            temporary.write_text(sentence, encoding="utf-8")
