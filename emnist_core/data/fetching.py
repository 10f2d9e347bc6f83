"""Fetching: from a source, checked, into the cache; once, however many processes ask for it at the same time."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from emnist_core.data import cache, layout, sources
from emnist_core.data.dataset import Dataset
from emnist_core.data.library import check_part
from emnist_core.data.progress import FetchCancelled, Meter, Show
from emnist_core.data.sources import Source, Unavailable
from emnist_core.errors import DataError
from emnist_core.splits import PARTS, Part, Split, get_split

LOCK_SECONDS = 0.2


@dataclass(frozen=True)
class Fetched:
    """One part that was fetched.

    Attributes:
        dataset: the part, opened from the cache.
        source: the address or path it came from.
        bytes_downloaded: what moved over the network for it; 0 when it was in the cache from there already.
    """

    dataset: Dataset
    source: str
    bytes_downloaded: int


def fetch(
    split: str,
    source: str | Path | None = None,
    parts: Sequence[Part] | None = None,
    progress: Show | None = None,
    cancelled: Callable[[], bool] | None = None,
    again: bool = False,
) -> list[Fetched]:
    """Bring ``parts`` of the split called ``split`` into the cache.

    A part is read and checked whole before it is kept. One that is in the cache from the same address
    already is not fetched again.

    Args:
        split: its name.
        source: a folder, a ``.zip`` or ``.mat`` file; an address; or a name in ``sources.SOURCES``. None is
            the mirror that ``EMNIST_URL`` names, or NIST.
        parts: which; None is both, or with a local source whatever is there.
        progress: called with a ``Progress`` some times a second.
        cancelled: asked as often whether to stop; what came is then kept for the next time.
        again: fetch also what is in the cache from there.

    Raises:
        DataError: when the source cannot be had, lacks a part, or has something else under its name; when
            the fetch was cancelled; or when the cache cannot be written.
    """
    wanted = get_split(split)
    for part in parts or ():
        check_part(part)
    chosen = sources.chosen(source)
    meter = Meter(progress, cancelled)
    try:
        if isinstance(chosen, Path):
            return _fetch(wanted, chosen, parts, meter, again)
        with _alone(chosen, meter):
            return _fetch(wanted, chosen, parts, meter, again)
    except Unavailable as reason:
        other = sources.next_source(chosen)
        raise DataError(
            f"EMNIST {wanted.title} could not be fetched from {sources.title_of(chosen)}, because {reason}; try again "
            f"later, or take it from elsewhere with `python -m emnist_core fetch {split} --source {other}`."
        ) from reason
    except OSError as error:
        raise DataError(
            f"What was fetched cannot be kept ({error.strerror or error}); make room, or name another folder "
            "in EMNIST_HOME."
        ) from error


def _fetch(split: Split, chosen: str | Path, parts: Sequence[Part] | None, meter: Meter, again: bool) -> list[Fetched]:
    remote = not isinstance(chosen, Path)
    here = {} if again or not remote else _already_here(split, str(chosen), parts or PARTS)
    missing = [part for part in parts or PARTS if part not in here]
    if remote and not missing:
        return [here[part] for part in parts or PARTS]
    opened = sources.open_source(chosen, meter, None if again else _revision(split, str(chosen)))
    try:
        found = _found(opened, split, parts, missing)
        sizes = [opened.size(name) for names in found.values() for name in dict.fromkeys(names)]
        meter.expect(None if None in sizes else meter.downloaded + sum(size for size in sizes if size))
        counted = 0
        for part, names in found.items():
            dataset = _read_whole(opened, split, part, names)
            cache.store(dataset, f"{opened.origin}: {', '.join(names)}", str(chosen), opened.revision)
            opened.done_with(names)
            here[part] = Fetched(cache.open_part(split, part), opened.origin, meter.downloaded - counted)
            counted = meter.downloaded
    finally:
        opened.close()
    return [here[part] for part in parts or PARTS if part in here]


def _already_here(split: Split, chosen: str, parts: Sequence[Part]) -> dict[Part, Fetched]:
    """The parts that the cache has from this very source."""
    found = {}
    for part in parts:
        try:
            manifest = cache.read_manifest(split, part)
            if manifest.get("origin") == chosen:
                origin = manifest["source"].rpartition(": ")[0]
                found[part] = Fetched(cache.open_part(split, part), origin, 0)
        except DataError:
            continue
    return found


def _revision(split: Split, chosen: str) -> str | None:
    """The revision of this source that a part of the split came from, so that the other part comes from it too."""
    for part in PARTS:
        with suppress(DataError):
            manifest = cache.read_manifest(split, part)
            if manifest.get("origin") == chosen and isinstance(manifest.get("revision"), str):
                return str(manifest["revision"])
    return None


def _found(opened: Source, split: Split, parts: Sequence[Part] | None, missing: list[Part]) -> dict[Part, list[str]]:
    """The names of the files of each part that is to be read; raises ``DataError`` when one has none."""
    found = {part: names for part in missing if (names := layout.files_of(opened, split, part))}
    lacking = [part for part in parts or () if part in missing and part not in found]
    if lacking or not found:
        part = lacking[0] if lacking else "train"
        raise DataError(
            f"{opened.origin} has no {split.title} {part if lacking else 'files'}; "
            f"give a folder or zip archive with {layout.idx_names(split, part)[0]}.gz and its labels, "
            f"or with {layout.csv_name(split, part)}."
        )
    return found


def _read_whole(opened: Source, split: Split, part: Part, names: list[str]) -> Dataset:
    """Read a part; what is kept of files that make no sense is thrown away, so that they come anew."""
    try:
        return layout.read_part(opened, split, part, names)
    except FetchCancelled:
        raise
    except DataError:
        opened.done_with(names)
        raise


@contextmanager
def _alone(chosen: str, meter: Meter) -> Iterator[None]:
    """Hold the lock on what comes from ``chosen``; who waits for it finds the work done."""
    lock = FileLock(sources.downloads(chosen).with_suffix(".lock"))
    lock_file = Path(lock.lock_file)
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    while True:
        try:
            lock.acquire(timeout=LOCK_SECONDS)
            break
        except Timeout:
            meter.begin("waiting for another fetch from there")
            meter.check()
    try:
        yield
    finally:
        lock.release()
