"""A mirror for one's own network: what the cache has, served as NIST serves its archive.

The archive is made once, of gzipped IDX files that are stored in it without a second compression, and kept
in ``EMNIST_HOME/mirror`` under a name that changes with its content. Parts of it can be asked for, so that
a fetch from here moves as little as a fetch from NIST.
"""

import gzip
import hashlib
import re
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO, cast

from emnist_core import files, paths
from emnist_core.data import cache, layout
from emnist_core.data.dataset import Dataset
from emnist_core.data.formats import IMAGES_MAGIC, LABELS_MAGIC, SIDE
from emnist_core.errors import DataError
from emnist_core.splits import PARTS, SPLITS, Split

NAME = "gzip.zip"
CHUNK = 256 * 1024
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
        archive.writestr(zipfile.ZipInfo(f"gzip/emnist-{split.name}-mapping.txt", EPOCH), _mapping(split))


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

    def __init__(self, server: ThreadingHTTPServer, archive: Path, parts: list[str]) -> None:
        self._server = server
        host, port = server.server_address[:2]
        self.url = f"http://{host!s}:{port}/{NAME}"
        self.size = archive.stat().st_size
        self.parts = parts

    def run(self) -> None:
        """Serve until ``stop``, or Ctrl-C."""
        with suppress(KeyboardInterrupt):
            self._server.serve_forever(0.1)

    def stop(self) -> None:
        """End ``run``, from another thread."""
        self._server.shutdown()


@contextmanager
def serve(host: str = "127.0.0.1", port: int = 0) -> Iterator[Mirror]:
    """A mirror of the cache, listening; raises ``DataError`` when it cannot be."""
    archive, parts = build()
    handler = type("Handler", (_Handler,), {"archive": archive})
    try:
        server = ThreadingHTTPServer((host, port), handler)
    except OSError as error:
        raise DataError(
            f"Nothing can be served at {host}:{port} ({error.strerror or error}); name another --port."
        ) from error
    with server:
        yield Mirror(server, archive, parts)


class _Handler(BaseHTTPRequestHandler):
    """Answers for one file, whole or in parts (RFC 9110, section 14)."""

    protocol_version = "HTTP/1.1"
    server_version = "emnist-lab"
    timeout = 60
    archive: Path

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def _answer(self, with_body: bool) -> None:
        if self.path.partition("?")[0] != f"/{NAME}":
            self.send_error(HTTPStatus.NOT_FOUND, f"Only /{NAME} is here")
            return
        size, tag = self.archive.stat().st_size, f'"{self.archive.stem}"'
        wanted = self.headers.get("Range")
        if self.headers.get("If-Range", tag) != tag:
            wanted = None
        piece = byte_range(wanted, size)
        if piece is not None and not piece:
            self.send_response(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
            self.send_header("Content-Range", f"bytes */{size}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(HTTPStatus.OK if piece is None else HTTPStatus.PARTIAL_CONTENT)
        if piece is not None:
            self.send_header("Content-Range", f"bytes {piece.start}-{piece.stop - 1}/{size}")
        piece = range(size) if piece is None else piece
        for name, value in (("Accept-Ranges", "bytes"), ("ETag", tag), ("Content-Type", "application/zip")):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(piece)))
        self.end_headers()
        with suppress(ConnectionError, TimeoutError):  # who asked may go away
            self._send(piece if with_body else range(0))

    def _send(self, piece: range) -> None:
        with self.archive.open("rb") as file:
            file.seek(piece.start)
            left = len(piece)
            while left and (chunk := file.read(min(CHUNK, left))):
                self.wfile.write(chunk)
                left -= len(chunk)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: the terminal belongs to the command."""


def byte_range(header: str | None, size: int) -> range | None:
    """The bytes that a Range header asks for; None is all of them, an empty range none that there are."""
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", header or "")
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        return range(max(0, size - int(last)), size)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(size, int(last) + 1 if last else size))
