"""What every source of EMNIST's files can do."""

import struct
import zlib
from abc import ABC, abstractmethod
from pathlib import PurePosixPath
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from emnist_core.errors import DataError

LARGEST_MEMBER = 2 << 30
"""Bytes; the largest file in circulation, ByClass as CSV, has about 1.4 GB."""

BAD_ZIP = (BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, struct.error)
"""What ``zipfile`` raises about an archive that is damaged or made otherwise than NIST's: ``RuntimeError`` is its word
for an encrypted member and, in a class derived from it, for a compression that it does not know."""


class Source(ABC):
    """A place that has EMNIST's files; it lists their names and opens one as a stream.

    What names and bytes mean is for ``layout`` and ``formats``. Another source is one more class and
    one more line in ``sources``.

    Attributes:
        origin: where it is, as people write it: a path or an address.
        official: whether its rows have to be NIST's own, so that others are refused.
        revision: what the place calls the state of its files that is read, where it keeps several.
    """

    origin: str
    official = False
    revision: str | None = None

    @abstractmethod
    def names(self) -> set[str]:
        """The files there, by their path within the place, with ``/`` between folders."""

    @abstractmethod
    def open(self, name: str) -> BinaryIO:
        """The bytes of the file called ``name``.

        Raises ``DamagedError`` when what came cannot be read, and ``DataError`` or ``Unavailable`` when
        nothing can be had.
        """

    def size(self, name: str) -> int | None:  # noqa: ARG002
        """Bytes that opening ``name`` brings over the network, None where that is not known before."""
        return 0

    def close(self) -> None:  # noqa: B027 - most sources hold nothing
        """Let go of files and connections."""

    def forget(self, names: list[str], damaged: bool = False) -> bool:  # noqa: ARG002
        """Throw away what was kept of ``names`` for resuming, and of all that came with them where it is ``damaged``.

        Says whether opening them then brings them again.
        """
        return False


def members_of(archive: ZipFile, origin: str) -> dict[str, ZipInfo]:
    """The members of a zip archive by name; raises ``DataError`` for one that no honest archive has.

    Every member's path, size and encryption are checked before the first byte is read, and zipfile
    itself reads no further than the declared size and checks the CRC at the end.
    """
    members: dict[str, ZipInfo] = {}
    for member in archive.infolist():
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
            members[str(inside)] = member
    return members
