"""What every source of EMNIST's files can do; and those on this machine: a folder, a zip archive, one file."""

import re
import struct
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections import deque
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast
from zipfile import BadZipFile, ZipFile, ZipInfo

from emnist_core.data import layout
from emnist_core.data.formats import DamagedError
from emnist_core.errors import DataError
from emnist_core.splits import SPLITS

LARGEST_MEMBER = 2 << 30
"""Bytes; the largest file in circulation, ByClass as CSV, has about 1.4 GB."""

BAD_ZIP = (BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, struct.error)
"""What ``zipfile`` raises about an archive that is damaged or made otherwise than NIST's: ``RuntimeError`` is its word
for an encrypted member and, in a class derived from it, for a compression that it does not know."""
DEEPEST = 4
MOST_FOLDERS = 500
"""How far files are looked for below a folder: NIST's archives and Kaggle's have each a folder of its own, torchvision
makes ``EMNIST/raw/gzip``, and some unpackers a folder a file."""

ARCHIVES = ("gzip.zip", "emnist.zip", "matlab.zip", "archive.zip")
"""What people and tools call the archives of NIST and Kaggle; they are looked into before others."""


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


class Folder(Source):
    """A local folder of files as they were downloaded, or an archive unpacked into it."""

    def __init__(self, path: Path) -> None:
        self.origin = str(path)
        self._files: dict[str, Path] = {}
        folders = deque([path])
        for _ in range(MOST_FOLDERS):
            if not folders:
                break
            folder = folders.popleft()
            try:
                entries = sorted(folder.iterdir())
            except OSError as error:
                if folder == path:
                    raise DataError(f"{path} cannot be read ({error.strerror}); check the folder.") from error
                continue
            for entry in entries:
                if entry.name.startswith((".", "__")):
                    continue
                if not entry.is_dir():
                    self._files[entry.relative_to(path).as_posix()] = entry
                elif len(entry.relative_to(path).parts) <= DEEPEST:
                    folders.append(entry)

    def names(self) -> set[str]:
        return set(self._files)

    def open(self, name: str) -> BinaryIO:
        return _open(self._files[name], name)

    def archive(self) -> Source | None:
        """The archive of EMNIST's files that the folder has in place of files, opened, if any."""
        if any(map(layout.recognize, self._files)):
            return None
        # extra-keras-datasets calls NIST's archive emnist_matlab.npz, wget a second download of it gzip.zip.1.
        archives = [path for path in self._files.values() if re.search(r"\.(zip|npz)\b", path.name.lower())]
        for path in sorted(archives, key=lambda path: path.name not in ARCHIVES):
            if not zipfile.is_zipfile(path):
                continue
            try:
                opened = Zip(path)
            except DataError:
                if path.name in ARCHIVES or "emnist" in path.name.lower():
                    raise
                continue  # another archive, and none of ours to judge
            if any(map(layout.recognize, opened.names())):
                return opened
            opened.close()
        return None


class Zip(Source):
    """A local zip archive; members are read in place, nothing is unpacked to disk."""

    def __init__(self, path: Path, origin: str | None = None) -> None:
        self.origin = origin or str(path)
        try:
            self._archive = zipfile.ZipFile(path)
        except (OSError, *BAD_ZIP) as error:
            raise DataError(f"{self.origin} is no readable zip archive ({error}); download it again.") from error
        self._members = members_of(self._archive, self.origin)

    def names(self) -> set[str]:
        return set(self._members)

    def open(self, name: str) -> BinaryIO:
        try:
            return cast(BinaryIO, self._archive.open(self._members[name]))
        except (OSError, *BAD_ZIP) as error:
            raise DamagedError(name, f"{name} in {self.origin} cannot be read ({error}); download it again.") from error

    def close(self) -> None:
        self._archive.close()


class OneFile(Source):
    """A ``.csv`` or ``.mat`` file by itself; another name's ``.mat`` may be of any split, which reading finds out."""

    def __init__(self, path: Path) -> None:
        self.origin = str(path)
        self._path = path
        any_split = {layout.mat_name(split) for split in SPLITS.values()}
        self._names = {path.name} if layout.recognize(path.name) else any_split

    def names(self) -> set[str]:
        return self._names

    def open(self, name: str) -> BinaryIO:
        return _open(self._path, name)


def open_path(path: Path) -> Source:
    """Open what lies at ``path``; raises ``DataError`` when it is none of what can be read."""
    if path.is_dir():
        folder = Folder(path)
        return folder.archive() or folder
    if not path.exists():
        raise DataError(f"There is no {path}; give a folder or a zip archive with EMNIST's files.")
    member = layout.recognize(path.name)
    if member is not None and member.kind in ("images", "labels"):
        return Folder(path.parent)  # the other half lies beside it
    if path.suffix.lower() == ".mat" or member is not None:
        return OneFile(path)
    if zipfile.is_zipfile(path):
        return Zip(path)
    if path.suffix.lower() == ".csv":
        example = layout.csv_name(SPLITS["balanced"], "train")
        raise DataError(f"{path} does not say which split and part it has; name it as Kaggle does, e.g. {example}.")
    raise DataError(f"{path} is neither a folder nor a zip archive; give the folder with EMNIST's files.")


def _open(path: Path, name: str) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise DataError(f"{name} cannot be read ({error.strerror}); check the file.") from error
