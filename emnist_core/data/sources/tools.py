"""What other tools have fetched already, found where they leave it."""

import os
from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from emnist_core.data import layout
from emnist_core.data.progress import Meter
from emnist_core.data.sources.local import open_path
from emnist_core.data.sources.source import Source
from emnist_core.data.web import Reason, Unavailable
from emnist_core.errors import DataError


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
