"""What every source of EMNIST's files can do."""

import struct
import zlib
from abc import ABC, abstractmethod
from pathlib import PurePosixPath
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from emnist_core.errors import DataError
from emnist_core.splits import PARTS, SPLITS

LARGEST_MEMBER = 2 << 30
"""Bytes; the largest file in circulation, ByClass as CSV, has about 1.4 GB."""

BAD_ZIP = (BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, struct.error)
"""What ``zipfile`` raises about an archive that is damaged or made otherwise than NIST's: ``RuntimeError`` is its word
for an encrypted member and, in a class derived from it, for a compression that it does not know."""


class Source(ABC):
    """A place that has EMNIST's files; it lists their plain names and opens one as a stream.

    What names and bytes mean is for ``files`` and ``formats``. A further source is one more class and
    one more line in ``sources``.

    Attributes:
        origin: where it is, as people write it: a path or an address.
        remote: whether its bytes come over a network.
        official: whether its rows have to be NIST's own, so that others are refused.
        revision: what the place calls the state of its files that is read, where it keeps several.
    """

    origin: str
    remote = False
    official = False
    revision: str | None = None

    @abstractmethod
    def names(self) -> set[str]:
        """The plain names of the files there."""

    @abstractmethod
    def open(self, name: str) -> BinaryIO:
        """The bytes of the file called ``name``; raises ``DataError`` or ``Unavailable`` when it does not open."""

    def size(self, name: str) -> int | None:  # noqa: ARG002
        """Bytes that opening ``name`` brings over the network, None where that is not known before."""
        return 0

    def close(self) -> None:  # noqa: B027 - most sources hold nothing
        """Let go of files and connections."""

    def done_with(self, names: list[str]) -> None:  # noqa: B027
        """Hear that ``names`` are in the cache, so that what was kept of them for resuming can go."""


def nist_names() -> set[str]:
    """The names of NIST's gzipped IDX files, of all splits and parts."""
    kinds = ("images-idx3", "labels-idx1")
    return {f"emnist-{split}-{part}-{kind}-ubyte.gz" for split in SPLITS for part in PARTS for kind in kinds}


def members_of(archive: ZipFile, origin: str) -> dict[str, ZipInfo]:
    """The members of a zip archive by plain name; raises ``DataError`` for one that no honest archive has.

    Every member's path, size and encryption are checked before the first byte is read, and zipfile
    itself reads no further than the declared size and checks the CRC at the end. Of two members with one
    name the one nearest the top wins, as in a folder.
    """
    found: dict[str, ZipInfo] = {}
    for member in sorted(archive.infolist(), key=lambda one: one.filename.count("/"), reverse=True):
        inside = PurePosixPath(member.filename.replace("\\", "/"))
        wrong = None
        if inside.is_absolute() or ".." in inside.parts or ":" in member.filename:
            wrong = "points outside the archive"
        elif member.file_size > LARGEST_MEMBER or member.compress_size > LARGEST_MEMBER:
            wrong = f"has {member.file_size / 1e9:,.1f} GB, more than any of EMNIST's files"
        elif member.flag_bits & 1:
            wrong = "is encrypted"
        if wrong:
            raise DataError(f"{origin} is refused: its member {member.filename!r} {wrong}; download it again.")
        if not member.is_dir():
            found[inside.name] = member
    return found
