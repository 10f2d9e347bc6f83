"""Kaggle's ``crawford/emnist``: the same rows as CSV files, fetched with the person's own Kaggle account."""

import sys
import zipfile
from contextlib import redirect_stdout
from pathlib import Path
from typing import BinaryIO, cast

from emnist_core.data import layout
from emnist_core.data.progress import Meter
from emnist_core.data.sources.source import Source
from emnist_core.data.web import Reason, Unavailable

DATASET = "crawford/emnist"


class Kaggle(Source):
    """One CSV file a part, by way of ``kagglehub``, which keeps them in its own cache and resumes by itself."""

    title = "Kaggle"

    def __init__(self, meter: Meter) -> None:
        self.origin = f"https://www.kaggle.com/datasets/{DATASET}"
        self._meter = meter
        try:
            import kagglehub
        except ImportError:
            raise Unavailable(Reason.UNUSABLE, "it", "needs kagglehub, which `pip install kagglehub` brings") from None
        self._download = kagglehub.dataset_download

    def names(self) -> set[str]:
        return layout.kaggle_names()

    def size(self, name: str) -> int | None:  # noqa: ARG002
        return None

    def open(self, name: str) -> BinaryIO:
        self._meter.begin(name)
        try:
            with redirect_stdout(sys.stderr):  # stdout is for the answer
                file = Path(self._download(DATASET, path=name))
        except Exception as error:  # kagglehub, requests and the disk each have their own
            raise Unavailable(Reason.UNUSABLE, "kagglehub", f"could not fetch {name} ({_first_line(error)})") from error
        self._meter.received(file.stat().st_size)
        if zipfile.is_zipfile(file):
            archive = zipfile.ZipFile(file)
            return cast(BinaryIO, archive.open(archive.infolist()[0]))
        return file.open("rb")


def _first_line(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0].rstrip(".")
