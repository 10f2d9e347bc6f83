"""Where EMNIST's files lie: a folder or a zip archive on this machine.

A source lists the plain names of its files and opens one as a stream; what the names and the bytes mean
is for ``library`` and ``formats``. A source that downloads is one more class in ``SOURCES``.
"""

import zipfile
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol, cast

from emnist_core.errors import DataError

SUBFOLDERS = ("", "gzip", "emnist_source_files")
"""Where files lie in what people unpack: NIST's archive and Kaggle's have each a folder of its own."""

LARGEST_MEMBER = 2 << 30
"""Bytes; the largest file in circulation, ByClass as CSV, has about 1.4 GB."""


class Source(Protocol):
    """A place that has EMNIST's files."""

    path: Path

    @classmethod
    def accepts(cls, path: Path) -> bool:
        """Whether this kind of source can be opened at ``path``."""

    def names(self) -> set[str]:
        """The plain names of the files there."""

    def open(self, name: str) -> BinaryIO:
        """The bytes of the file called ``name``; raises ``DataError`` when it does not open."""


class Folder:
    """A local folder of files as they were downloaded, or an archive unpacked into it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._files = {
                file.name: file
                for subfolder in reversed(SUBFOLDERS)  # what lies at the top wins
                if (path / subfolder).is_dir()
                for file in (path / subfolder).iterdir()
                if file.is_file()
            }
        except OSError as error:
            raise DataError(f"{path} cannot be read ({error.strerror}); check the folder.") from error

    @classmethod
    def accepts(cls, path: Path) -> bool:
        return path.is_dir()

    def names(self) -> set[str]:
        return set(self._files)

    def open(self, name: str) -> BinaryIO:
        try:
            return self._files[name].open("rb")
        except OSError as error:
            raise DataError(f"{name} cannot be read ({error.strerror}); check the file.") from error


class Zip:
    """A local zip archive; members are read in place, nothing is unpacked to disk.

    Every member's path, size and encryption are checked before the first byte is read, and zipfile
    itself reads no further than the declared size and checks the CRC at the end.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._archive = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
            raise DataError(f"{path} is no readable zip archive ({error}); download it again.") from error
        self._members: dict[str, zipfile.ZipInfo] = {}
        # The member nearest the top wins, as in a folder.
        for member in sorted(self._archive.infolist(), key=lambda one: one.filename.count("/"), reverse=True):
            self._check(member)
            if not member.is_dir():
                self._members[PurePosixPath(member.filename).name] = member

    @classmethod
    def accepts(cls, path: Path) -> bool:
        return path.is_file() and zipfile.is_zipfile(path)

    def names(self) -> set[str]:
        return set(self._members)

    def open(self, name: str) -> BinaryIO:
        try:
            return cast(BinaryIO, self._archive.open(self._members[name]))
        except (OSError, zipfile.BadZipFile, NotImplementedError) as error:
            raise DataError(f"{name} in {self.path} cannot be read ({error}); download it again.") from error

    def _check(self, member: zipfile.ZipInfo) -> None:
        inside = PurePosixPath(member.filename.replace("\\", "/"))
        if inside.is_absolute() or ".." in inside.parts or ":" in member.filename:
            wrong = "points outside the archive"
        elif member.file_size > LARGEST_MEMBER:
            wrong = f"has {member.file_size / 1e9:,.1f} GB, more than any of EMNIST's files"
        elif member.flag_bits & 1:
            wrong = "is encrypted"
        else:
            return
        raise DataError(f"{self.path} is refused: its member {member.filename!r} {wrong}; download it again.")


SOURCES: tuple[type[Folder] | type[Zip], ...] = (Folder, Zip)


def open_source(path: Path) -> Source:
    """Open what lies at ``path``; raises ``DataError`` when it is neither a folder nor a zip archive."""
    for kind in SOURCES:
        if kind.accepts(path):
            return kind(path)
    if not path.exists():
        raise DataError(f"There is no {path}; give a folder or a zip archive with EMNIST's files.")
    raise DataError(f"{path} is neither a folder nor a zip archive; give the folder with EMNIST's files.")
