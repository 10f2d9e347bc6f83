"""EMNIST's files at an address: inside a zip archive, of which only the wanted members are read, or one by one.

The archive is read by ``remotezip``. It and fsspec's zip over http were held against each other in
November 2026, for the 3.5 MB of Balanced's test part out of an archive of 41 MB on this machine:

    remotezip 0.12.6, first 64 bytes read       1.0004 times the part's bytes   0.4 s    5 requests
    fsspec 2026.9.0, as it comes                1.48 times                      1.3 s    5 requests
    fsspec 2026.9.0, blocks of 64 KiB           1.04 times                      1.7 s    7 requests

Both are alive (remotezip's last release is of August 2026). remotezip is one module that needs requests,
which Streamlit brings; fsspec needs aiohttp and seven packages more. remotezip also lets its fetching be
replaced, which is where resuming, counting and cancelling come in here.
"""

import hashlib
import io
import zipfile
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from remotezip import PartialBuffer, RemoteZip, RemoteZipError

from emnist_core import paths
from emnist_core.data import layout
from emnist_core.data.formats import DamagedError
from emnist_core.data.progress import Meter
from emnist_core.data.sources.source import BAD_ZIP, Source, Zip, members_of
from emnist_core.data.web import Extent, RangesRefused, Reason, Unavailable, Web
from emnist_core.errors import DataError

FIRST_BYTES = 64
"""Read from an archive's end to find its directory: no more than the two records that point to it."""


def downloads(origin: str) -> Path:
    """Where the pieces of what is fetched from ``origin`` are kept until they are whole."""
    return paths.home() / "downloads" / hashlib.sha256(origin.encode()).hexdigest()[:16]


class UrlZip(Source):
    """A zip archive at an address. Where the server refuses ranges the archive is fetched whole, and kept."""

    sha256: str | None = None
    """Of the whole archive, where it is known."""

    def __init__(self, url: str, meter: Meter) -> None:
        self.origin = url
        self._web = Web(meter)
        self._meter = meter
        self._whole: Zip | None = None
        meter.begin("the archive's directory")
        try:
            self._pieces = _Pieces(url, self._web)
            self._archive = RemoteZip(url, FIRST_BYTES, fetcher=lambda *_args, **_named: self._pieces)
            self._members = members_of(self._archive, url)
            self._ends = sorted(
                {member.header_offset for member in self._archive.infolist()} | {self._archive.start_dir}
            )
        except RangesRefused as refusal:
            self._whole = self._fetch_whole(refusal.extent)
        except (*BAD_ZIP, RemoteZipError, OSError) as error:
            _not_a_disk(error)
            raise Unavailable(Reason.UNUSABLE, f"what {url} sends", "is no readable zip archive") from error
        else:
            self._pieces.sweep()

    def names(self) -> set[str]:
        return self._whole.names() if self._whole else set(self._members)

    def size(self, name: str) -> int | None:
        if self._whole:
            return 0
        begin = self._members[name].header_offset
        return int(next(end for end in self._ends if end > begin)) - begin

    def open(self, name: str) -> BinaryIO:
        if self._whole and not self._whole_file.exists():
            self._whole = self._fetch_whole(self._extent)
        if self._whole:
            return self._whole.open(name)
        self._meter.begin(PurePosixPath(name).name)
        try:
            return cast(BinaryIO, self._archive.open(self._members[name]))
        except RangesRefused as refusal:
            self._whole = self._fetch_whole(refusal.extent)
            return self._whole.open(name)
        except (*BAD_ZIP, RemoteZipError, OSError) as error:
            _not_a_disk(error)
            raise DamagedError(name) from error

    def _fetch_whole(self, extent: Extent) -> Zip:
        """The archive as a file of one's own; a second split from the same server then costs nothing."""
        self._meter.begin("the whole archive, since the server does not send parts")
        self._meter.expect(extent.size)
        file = downloads(self.origin) / f"whole-{extent.state}.zip"
        self._extent, self._whole_file = extent, file
        if not file.exists():
            part = file.with_suffix(".part")
            self._web.download(self.origin, part)
            if (self.sha256 and _sha256(part) != self.sha256) or not zipfile.is_zipfile(part):
                part.unlink()
                raise Unavailable(
                    Reason.UNUSABLE, f"what {self.origin} sends", "is not the zip archive that it has to be"
                )
            part.replace(file)
        try:
            return Zip(file, self.origin)
        except DataError:
            file.unlink()
            raise

    def close(self) -> None:
        if self._whole:
            self._whole.close()
        elif hasattr(self, "_archive"):
            self._archive.close()

    def forget(self, names: list[str], damaged: bool = False) -> bool:
        if self._whole is None:
            for name in names:
                self._pieces.forget(self._members[name].header_offset)
        elif damaged:
            self._whole.close()
            self._whole_file.unlink(missing_ok=True)
        return True


class _Pieces:
    """remotezip's way to the bytes: small pieces straight from the server, members by way of files on disk."""

    def __init__(self, url: str, web: Web) -> None:
        self._url, self._web = url, web
        self._extent: Extent | None = None
        self._here: set[int] = set()

    def fetch(self, data_range: tuple[int, int | None], stream: bool = False) -> PartialBuffer:
        """The bytes from first to last (both included); a first below 0 counts from the file's end."""
        first, last = data_range
        tag = self._extent.tag if self._extent else None
        if not stream:
            asked = f"bytes={first}" if first < 0 else f"bytes={first}-{last}"
            content, first, extent = self._web.bytes(self._url, asked, tag)
            self._extent = self._extent or extent
            return PartialBuffer(io.BytesIO(content), first, len(content), False)
        size = cast(int, last) + 1 - first
        file = self.file(first)
        if first not in self._here:
            self._web.download(self._url, file, first, size, tag)
            self._here.add(first)
        return PartialBuffer(file.open("rb"), first, size, True)

    def file(self, first: int) -> Path:
        """Where the member that begins at ``first`` is kept; another state of the archive has other files."""
        extent = self._extent or Extent()
        return downloads(self._url) / f"{extent.state}-{first}.part"

    def sweep(self) -> None:
        """Remove what was kept of another state of the archive."""
        state = (self._extent or Extent()).state
        for path in downloads(self._url).glob("*"):
            if state not in path.name:
                with suppress(OSError):
                    path.unlink()

    def forget(self, first: int) -> None:
        """Remove what is kept of a member."""
        self._here.discard(first)
        with suppress(OSError):
            self.file(first).unlink(missing_ok=True)


class UrlFiles(Source):
    """EMNIST's gzipped IDX files at an address, one by one.

    Args:
        base: the address that a file's name is appended to.
        known: size in bytes and sha256 of the files, where that is known; else all of NIST's names.
    """

    def __init__(self, base: str, meter: Meter, known: dict[str, tuple[int | None, str | None]] | None = None) -> None:
        self.origin = base
        self._web, self._meter = Web(meter), meter
        self._known = known or dict.fromkeys(layout.nist_names(), (None, None))

    def names(self) -> set[str]:
        return set(self._known)

    def size(self, name: str) -> int | None:
        return self._known[name][0]

    def open(self, name: str) -> BinaryIO:
        self._meter.begin(name)
        size, sha256 = self._known[name]
        file = downloads(self.origin) / name
        if not file.exists():
            part = file.with_name(f"{name}.part")
            self._web.download(self.origin + name, part, 0, None)
            part.replace(file)
        if size not in (None, file.stat().st_size) or sha256 not in (None, _sha256(file)):
            raise DamagedError(name)
        return file.open("rb")

    def forget(self, names: list[str], damaged: bool = False) -> bool:  # noqa: ARG002
        for name in names:
            with suppress(OSError):
                (downloads(self.origin) / name).unlink(missing_ok=True)
        return True


class Nist(UrlZip):
    """``gzip.zip`` on NIST's server, 561,753,746 bytes; its md5 is 58c8d27c78d21e728a6bc7b3cc06412e."""

    title = "NIST"
    official = True
    sha256 = "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e"
    url = "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip"

    def __init__(self, meter: Meter) -> None:
        super().__init__(self.url, meter)


def open_url(url: str, meter: Meter) -> Source:
    """What is at ``url``: files one by one where it ends in a slash, otherwise a zip archive."""
    if not url.lower().startswith(("http://", "https://")):
        raise DataError(f"{url} is not an address; give one that begins with http:// or https://.")
    return UrlFiles(url, meter) if url.endswith("/") else UrlZip(url, meter)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _not_a_disk(error: Exception) -> None:
    """Pass on what is wrong with this machine's disk rather than with what came."""
    if isinstance(error, OSError) and error.errno is not None:
        raise error
