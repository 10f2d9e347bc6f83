"""Files on this machine: a folder, a zip archive, or one MATLAB file."""

import zipfile
from pathlib import Path
from typing import BinaryIO, cast

from emnist_core.data.sources.source import BAD_ZIP, Source, members_of
from emnist_core.errors import DataError
from emnist_core.splits import SPLITS

SUBFOLDERS = ("", "gzip", "emnist_source_files", "matlab", "EMNIST/raw", "raw", "raw/gzip", "EMNIST/raw/gzip")
"""Where files lie in what people unpack (NIST's archives and Kaggle's have each a folder of its own) and in
what torchvision makes."""

ARCHIVES = ("gzip.zip", "emnist.zip", "matlab.zip", "archive.zip")
"""What people and tools call the archives of NIST and Kaggle; one is opened where a folder has nothing else."""


class Folder(Source):
    """A local folder of files as they were downloaded, or an archive unpacked into it."""

    def __init__(self, path: Path) -> None:
        self.origin = str(path)
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
        """Whether there is a folder at ``path``."""
        return path.is_dir()

    def names(self) -> set[str]:
        return set(self._files)

    def open(self, name: str) -> BinaryIO:
        try:
            return self._files[name].open("rb")
        except OSError as error:
            raise DataError(f"{name} cannot be read ({error.strerror}); check the file.") from error

    def archive(self) -> Path | None:
        """The archive that the folder has in place of files, if any."""
        if any(name.startswith("emnist-") for name in self._files):
            return None
        return next((self._files[name] for name in ARCHIVES if name in self._files), None)


class Zip(Source):
    """A local zip archive; members are read in place, nothing is unpacked to disk."""

    def __init__(self, path: Path, origin: str | None = None) -> None:
        self.origin = origin or str(path)
        try:
            self._archive = zipfile.ZipFile(path)
        except (OSError, *BAD_ZIP) as error:
            raise DataError(f"{self.origin} is no readable zip archive ({error}); download it again.") from error
        self._members = members_of(self._archive, self.origin)

    @classmethod
    def accepts(cls, path: Path) -> bool:
        """Whether there is a zip archive at ``path``."""
        return path.is_file() and zipfile.is_zipfile(path)

    def names(self) -> set[str]:
        return set(self._members)

    def open(self, name: str) -> BinaryIO:
        try:
            return cast(BinaryIO, self._archive.open(self._members[name]))
        except (OSError, *BAD_ZIP) as error:
            raise DataError(f"{name} in {self.origin} cannot be read ({error}); download it again.") from error

    def close(self) -> None:
        self._archive.close()


class MatFile(Source):
    """One of NIST's ``.mat`` files by itself; under another name it may be of any split, which reading finds out."""

    def __init__(self, path: Path) -> None:
        self.origin = str(path)
        self._path = path
        every = {f"emnist-{split}.mat" for split in SPLITS}
        self._names = every & {path.name} or every

    @classmethod
    def accepts(cls, path: Path) -> bool:
        """Whether there is a file called ``.mat`` at ``path``."""
        return path.is_file() and path.suffix.lower() == ".mat"

    def names(self) -> set[str]:
        return self._names

    def open(self, name: str) -> BinaryIO:
        try:
            return self._path.open("rb")
        except OSError as error:
            raise DataError(f"{name} cannot be read ({error.strerror}); check the file.") from error


LOCAL: tuple[type[Folder] | type[Zip] | type[MatFile], ...] = (Folder, MatFile, Zip)


def open_path(path: Path) -> Source:
    """Open what lies at ``path``; raises ``DataError`` when it is none of what can be read."""
    for kind in LOCAL:
        if kind.accepts(path):
            opened = kind(path)
            inside = opened.archive() if isinstance(opened, Folder) else None
            return Zip(inside) if inside is not None else opened
    if not path.exists():
        raise DataError(f"There is no {path}; give a folder or a zip archive with EMNIST's files.")
    raise DataError(f"{path} is neither a folder nor a zip archive; give the folder with EMNIST's files.")
