"""A mirror for one's own network: what the cache has, served as NIST serves its archive.

The archive is made once, of gzipped IDX files that are stored in it without a second compression, and kept
in ``EMNIST_HOME/mirror`` under a name that changes with its content. Parts of it can be asked for, so that
a fetch from here moves as little as a fetch from NIST.
"""

import gzip
import hashlib
import socket
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, cast

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

from emnist_core import files, paths
from emnist_core.data import cache, layout
from emnist_core.data.dataset import Dataset
from emnist_core.data.formats import IMAGES_MAGIC, LABELS_MAGIC, SIDE
from emnist_core.errors import DataError
from emnist_core.splits import PARTS, SPLITS, Split

NAME = "gzip.zip"
IMAGES_AT_ONCE = 8192
PACKING = 6
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip archive can name; a constant, so that the same parts make the same archive."""


def build() -> tuple[Path, list[str]]:
    """Make the archive of every part in the cache, unless it is there; returns it and the parts' names.

    Raises ``DataError`` when nothing has been fetched.
    """
    datasets = [cache.open_part(split, part) for split in SPLITS.values() for part in PARTS if cache.has(split, part)]
    if not datasets:
        raise DataError(
            "There is nothing to serve yet; fetch a split first, e.g. `python -m emnist_core fetch balanced`."
        )
    state = hashlib.sha256(" ".join(dataset.sha256 for dataset in datasets).encode()).hexdigest()[:16]
    archive = paths.home() / "mirror" / f"{state}.zip"
    if not archive.exists():
        try:
            with files.write_atomically(archive) as temporary, zipfile.ZipFile(temporary, "w") as opened:
                _fill(opened, datasets)
        except OSError as error:
            raise DataError(f"{archive} cannot be written ({error.strerror or error}); make room for it.") from error
        for old in archive.parent.glob("*.zip"):
            if old != archive:
                with suppress(OSError):
                    old.unlink()
    return archive, [f"{dataset.split.name} {dataset.part}" for dataset in datasets]


def _fill(archive: zipfile.ZipFile, datasets: list[Dataset]) -> None:
    for dataset in datasets:
        images, labels = layout.idx_names(dataset.split, dataset.part)
        with _member(archive, f"{images}.gz") as file:
            file.write(struct.pack(">4I", IMAGES_MAGIC, len(dataset), SIDE, SIDE))
            for begin in range(0, len(dataset), IMAGES_AT_ONCE):
                file.write(dataset.images[begin : begin + IMAGES_AT_ONCE].transpose(0, 2, 1).tobytes())
        with _member(archive, f"{labels}.gz") as file:
            file.write(struct.pack(">2I", LABELS_MAGIC, len(dataset)))
            file.write((dataset.labels + dataset.split.label_offset).astype("uint8").tobytes())
    for split in dict.fromkeys(dataset.split for dataset in datasets):
        archive.writestr(zipfile.ZipInfo(f"gzip/{layout.mapping_name(split)}", EPOCH), _mapping(split))


@contextmanager
def _member(archive: zipfile.ZipFile, name: str) -> Iterator[BinaryIO]:
    """A gzipped member of the archive, to write into."""
    with (
        archive.open(zipfile.ZipInfo(f"gzip/{name}", EPOCH), "w") as raw,
        gzip.GzipFile(name[:-3], "wb", PACKING, raw, mtime=0) as packed,
    ):
        yield cast(BinaryIO, packed)


def _mapping(split: Split) -> str:
    """NIST's mapping file: a class's number in the file and its character's code, a line a class."""
    lines = (f"{index + split.label_offset} {ord(label)}" for index, label in enumerate(split.labels))
    return "\n".join(lines) + "\n"


class Mirror:
    """A server of one archive.

    Attributes:
        url: the archive's address.
        size: its size in bytes.
        parts: what is in it, e.g. ``["balanced train"]``.
    """

    def __init__(self, listening: socket.socket, archive: Path, parts: list[str]) -> None:
        host, port = listening.getsockname()[:2]
        self.url = f"http://{host}:{port}/{NAME}"
        self.size = archive.stat().st_size
        self.parts = parts
        self._listening = listening
        config = uvicorn.Config(_app(archive), log_level="error", access_log=False, lifespan="off", server_header=False)
        self._server = uvicorn.Server(config)

    def run(self) -> None:
        """Serve until ``stop``, or Ctrl-C."""
        with suppress(KeyboardInterrupt):
            self._server.run([self._listening])

    def stop(self) -> None:
        """End ``run``, from another thread."""
        self._server.should_exit = True


def _app(archive: Path) -> Starlette:
    """One file, whole or in parts (RFC 9110, section 14), and nothing else."""

    def answer(_request: Request) -> FileResponse:
        return FileResponse(archive, media_type="application/zip", headers={"ETag": f'"{archive.stem}"'})

    app = Starlette(routes=[Route(f"/{NAME}", answer)])
    app.router.redirect_slashes = False
    return app


@contextmanager
def serve(host: str = "127.0.0.1", port: int = 0) -> Iterator[Mirror]:
    """A mirror of the cache, listening; raises ``DataError`` when it cannot be."""
    archive, parts = build()
    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise DataError(
            f"Nothing can be served at {host}:{port} ({error.strerror or error}); name another --port."
        ) from error
    with listening:
        yield Mirror(listening, archive, parts)
