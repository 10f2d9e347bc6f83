"""A run out of a zip that somebody brings: every name, size and sha256 is checked before a file is written.

Nothing in it is executed or unpickled. Its weights are read into a network that this project builds, wherever they are
read (``runs.weights``); its serving model may consist of the operations that ours consist of, and is tried in a process
of its own first (``collection.serving_check``).
"""

import hashlib
import json
import re
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from emnist_core import model_card, paths
from emnist_core.collection import contents, packed
from emnist_core.errors import RunError
from emnist_core.runs import Run, listing, now, space

END = 22
LOCATOR = 20
"""Bytes of a zip's end record, and of what stands before it in a zip of more than 4 GB."""
LARGEST_DIRECTORY = 1_000_000
PIECE = 1 << 20
UNREADABLE = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, struct.error, RuntimeError, ValueError, OSError,
)  # fmt: skip
"""What ``zipfile`` raises for a file that is damaged, encrypted, packed in a way it does not know, or none."""
FOREIGN = "This is no run as `Export` writes it"

Entries = dict[str, zipfile.ZipInfo]
"""By its name within the run, a file's entry in the zip."""


def unpack(file: Path | IO[bytes], name: str | None = None, visitor: str | None = None) -> Run:
    """Make a run of one's own out of a zip that ``packing.pack`` wrote, here or elsewhere.

    Args:
        file: the zip.
        name: what the run shall be called; default: as it was.
        visitor: whose it shall be on a hosted app.

    Raises:
        RunError: when the zip is no such one, in whichever way, its name is taken or there is no room; nothing is left
            of it then.
    """
    with _opened(file) as archive:
        old_name, entries = _entries(archive)
        chosen = name or old_name
        listing.ensure_free(chosen)
        space.ensure_room(sum(entry.file_size for entry in entries.values()))
        sums = _sums(archive, entries)
        for inner, entry in entries.items():
            _hold_to(sums, inner, _pieces(archive, entry))
        return _publish(archive, entries, sums, chosen, visitor)


@contextmanager
def _opened(file: Path | IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """The zip, whose directory is small; what is wrong with it in reading is told in one sentence."""
    try:
        with open(file, "rb") if isinstance(file, Path) else _left_open(file) as opened:
            _ensure_small_directory(opened)
            with zipfile.ZipFile(opened) as archive:
                yield archive
    except FileNotFoundError:
        raise RunError(f"There is no file {file}; name a zip that was exported.") from None
    except UNREADABLE:
        raise RunError(f"{FOREIGN}: it cannot be read as a zip; fetch it again.") from None


@contextmanager
def _left_open(file: IO[bytes]) -> Iterator[IO[bytes]]:
    yield file


def _ensure_small_directory(file: IO[bytes]) -> None:
    """Refuse what lists more files than a run has before the list is read: ``zipfile`` would read all of it."""
    size = file.seek(0, 2)
    file.seek(max(0, size - END - LOCATOR))
    tail = file.read()
    end = tail[-END:]
    is_plain = end[:4] == b"PK\5\6" and end[-2:] == b"\0\0" and tail[:4] != b"PK\6\7"
    if not is_plain or int.from_bytes(end[12:16], "little") > LARGEST_DIRECTORY:
        raise RunError(f"{FOREIGN}: its list of files is another.")
    file.seek(0)


def _entries(archive: zipfile.ZipFile) -> tuple[str, Entries]:
    """The folder's name and the files in it, whose names and declared sizes are those of a run."""
    entries: Entries = {}
    folders = set()
    for entry in archive.infolist():
        folder, _, inner = entry.filename.partition("/")
        limit = packed.largest(inner)
        kind = stat.S_IFMT(entry.external_attr >> 16)
        is_plain = kind in (0, stat.S_IFREG) and not entry.flag_bits & 0x1 and entry.orig_filename == entry.filename
        if limit is None or not is_plain or inner in entries:
            raise RunError(f"{FOREIGN}: it holds {_quoted(entry.filename)}.")
        if entry.file_size > limit:
            raise RunError(f"{FOREIGN}: {_quoted(inner)} has {entry.file_size:,} bytes, of at most {limit:,}.")
        folders.add(folder)
        entries[inner] = entry
    if len(folders) != 1 or len(entries) > packed.MOST_FILES or not {"recipe.json", "status.json"} <= set(entries):
        raise RunError(f"{FOREIGN}: it is not one folder with a recipe.json and a status.json.")
    if sum(entry.file_size for entry in entries.values()) > packed.MOST_BYTES:
        raise RunError(f"{FOREIGN}: it would take more than {packed.MOST_BYTES / 1e9:g} GB.")
    return folders.pop(), entries


def _quoted(name: str) -> str:
    return repr(name if len(name) <= 80 else f"{name[:80]}…")


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """A file's content, which is as long as the zip declares it: what is longer is not read to its end."""
    read = 0
    with archive.open(entry) as opened:
        while piece := opened.read(PIECE):
            read += len(piece)
            if read > entry.file_size:
                break
            yield piece
    if read != entry.file_size:
        raise RunError(f"{FOREIGN}: {_quoted(entry.filename)} is not as long as it says.")


def _sums(archive: zipfile.ZipFile, entries: Entries) -> dict[str, str]:
    """The sha256 of every file that has to have one, by its name within the run."""
    sums: dict[str, str] = {}
    for inner in (inner for inner in entries if PurePosixPath(inner).name == packed.CHECKSUMS):
        noted = _json(b"".join(_pieces(archive, entries[inner])), inner)
        folder = inner.removesuffix(packed.CHECKSUMS)
        sums |= {f"{folder}{name}": value for name, value in noted.items()} if isinstance(noted, dict) else {}
    needed = {inner for inner in entries if PurePosixPath(inner).name not in packed.UNSUMMED}
    if set(sums) != needed or not all(isinstance(s, str) and re.fullmatch("[0-9a-f]{64}", s) for s in sums.values()):
        raise RunError(f"{FOREIGN}: its checksums are not those of its files.")
    return sums


def _json(content: bytes, name: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise RunError(f"{FOREIGN}: {_quoted(name)} is no JSON.") from None


def _hold_to(sums: dict[str, str], inner: str, pieces: Iterator[bytes], into: IO[bytes] | None = None) -> None:
    """Go through a file's content, on its way ``into`` a file or nowhere, and refuse another than was summed up."""
    sha256 = hashlib.sha256()
    for piece in pieces:
        sha256.update(piece)
        if into is not None:
            into.write(piece)
    if sums.get(inner) not in (None, sha256.hexdigest()):
        raise RunError(f"{FOREIGN}: {_quoted(inner)} is not as it was written; fetch the zip again.")


def _publish(archive: zipfile.ZipFile, entries: Entries, sums: dict[str, str], name: str, visitor: str | None) -> Run:
    """Write the files beside one's own runs, look into them, and move the whole run to its place at once."""
    folder = paths.own_runs() / ".importing"  # no run, since it has no recipe.json itself
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            run = Run(Path(temporary) / name)
            for inner, entry in entries.items():
                target = run.path / inner
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as opened:
                    _hold_to(sums, inner, _pieces(archive, entry), opened)
            contents.ensure_sound(run)
            contents.note_import(run, now(), visitor)
            listing.ensure_free(name)
            published = Run(run.path.rename(paths.own_runs() / name))
    except OSError as error:
        raise RunError(f"The run {name} cannot be written ({error.strerror or error}).") from None
    model_card.renew(published)
    return published
