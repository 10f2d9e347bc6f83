"""EMNIST by way of other tools: Kaggle's own, and what some have fetched already, found where they leave it."""

import os
import sys
import zipfile
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import BinaryIO, cast

from emnist_core.data import layout
from emnist_core.data.progress import Meter
from emnist_core.data.sources.source import Source, open_path
from emnist_core.data.web import Reason, Unavailable
from emnist_core.errors import DataError

KAGGLE_DATASET = "crawford/emnist"


class ToolCache(Source):
    """What another tool keeps of EMNIST; a subclass says where that is."""

    title: str

    def __init__(self, meter: Meter) -> None:  # noqa: ARG002 - nothing comes over the network
        files = self.find()
        if files is None:
            raise Unavailable(
                Reason.UNUSABLE,
                "it",
                "has left no EMNIST on this machine, or in a folder of its own: name it with --from",
            )
        self._files = files
        self.origin = files.origin

    @classmethod
    @abstractmethod
    def places(cls) -> Iterator[Path]:
        """Folders and archives where it may be, the likeliest first."""

    @classmethod
    def find(cls) -> Source | None:
        """The first of the tool's places that has files of EMNIST, opened."""
        for place in cls.places():
            try:
                opened = open_path(place)
            except DataError:
                continue
            if any(map(layout.recognize, opened.names())):
                return opened
            opened.close()
        return None

    def names(self) -> set[str]:
        return self._files.names()

    def open(self, name: str) -> BinaryIO:
        return self._files.open(name)

    def close(self) -> None:
        self._files.close()


class Torchvision(ToolCache):
    """``torchvision.datasets.EMNIST(root)`` keeps ``root/EMNIST/raw``; people's usual roots are tried."""

    title = "torchvision"

    @classmethod
    def places(cls) -> Iterator[Path]:
        for base in (Path.cwd(), Path.home()):
            for root in ("data", ".data", "datasets", "."):
                yield base / root / "EMNIST" / "raw"


class TensorFlowDatasets(ToolCache):
    """``tfds.load("emnist/…")`` keeps what it downloaded, NIST's archive, under ``downloads``.

    The records that it makes of it are its own format and are not read.
    """

    title = "tensorflow-datasets"

    @classmethod
    def places(cls) -> Iterator[Path]:
        chosen = os.environ.get("TFDS_DATA_DIR")
        root = Path(chosen).expanduser() if chosen else Path.home() / "tensorflow_datasets"
        yield from sorted(root.glob("downloads/extracted/ZIP*nist.gov*"))
        yield from sorted(root.glob("downloads/**/*nist.gov*EMNIST*.zip"))


class EmnistPackage(ToolCache):
    """The ``emnist`` package keeps NIST's archive as ``~/.cache/emnist/emnist.zip``."""

    title = "the emnist package"

    @classmethod
    def places(cls) -> Iterator[Path]:
        yield Path.home() / ".cache" / "emnist" / "emnist.zip"


class Kaggle(Source):
    """One CSV file a part, by way of ``kagglehub``, which keeps them in its own cache and resumes by itself."""

    title = "Kaggle"

    def __init__(self, meter: Meter) -> None:
        self.origin = f"https://www.kaggle.com/datasets/{KAGGLE_DATASET}"
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
                file = Path(self._download(KAGGLE_DATASET, path=name))
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
