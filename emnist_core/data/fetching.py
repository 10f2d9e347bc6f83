"""Fetching: from a source, checked, into the cache; once, however many processes ask for it at the same time."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from emnist_core.arrays import Images, Labels
from emnist_core.data import cache, formats, layout, orientation, provenance, sources
from emnist_core.data.dataset import Dataset, content_hash
from emnist_core.data.formats import DamagedError
from emnist_core.data.progress import FetchCancelled, Meter, Show
from emnist_core.data.sources import Reason, Source, Unavailable
from emnist_core.errors import DataError
from emnist_core.splits import PARTS, Part, Split, check_part, get_split

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

    A part is read and checked whole before it is kept: its bytes are read once as they are unpacked, and
    once more from where they were written. One that is in the cache from the same address
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
    except Unavailable as why:
        raise DataError(
            f"EMNIST {wanted.title} could not be fetched from {sources.title_of(chosen)}, because {why}; "
            f"{_advice(why.reason, split, chosen)}."
        ) from why
    except OSError as error:
        raise DataError(
            f"What was fetched cannot be kept ({error.strerror or error}); make room, or name another folder "
            "in EMNIST_HOME."
        ) from error


def _advice(reason: Reason, split: str, chosen: str | Path) -> str:
    """What to do about a source that cannot be had."""
    if reason is Reason.PROXY:
        return "set HTTPS_PROXY and HTTP_PROXY to a proxy that works, or unset them, and try again"
    other = sources.next_source(chosen)
    return f"try again later, or take it from elsewhere with `python -m emnist_core fetch {split} --source {other}`"


def _fetch(split: Split, chosen: str | Path, parts: Sequence[Part] | None, meter: Meter, again: bool) -> list[Fetched]:
    remote = not isinstance(chosen, Path)
    fetched = {} if again or not remote else _already_here(split, str(chosen), parts or PARTS)
    missing = [part for part in parts or PARTS if part not in fetched]
    if missing:
        opened = sources.open_source(chosen, meter, None if again else _revision(split, str(chosen)))
        try:
            files = _files(opened, split, missing, required=parts or ())
            if not files and not fetched:
                raise _nothing_there(opened, split, None)
            sizes = [opened.size(name) for names in files.values() for name in dict.fromkeys(names)]
            meter.expect(None if None in sizes else meter.downloaded + sum(size for size in sizes if size))
            counted = 0
            for part, names in files.items():
                dataset = _read(opened, split, part, names)
                cache.store(dataset, f"{opened.origin}: {', '.join(names)}", str(chosen), opened.revision)
                opened.forget(names)
                fetched[part] = Fetched(cache.open_part(split, part), opened.origin, meter.downloaded - counted)
                counted = meter.downloaded
        finally:
            opened.close()
    return [fetched[part] for part in parts or PARTS if part in fetched]


def _already_here(split: Split, chosen: str, parts: Sequence[Part]) -> dict[Part, Fetched]:
    """The parts that the cache has from this very source."""
    fetched = {}
    for part in parts:
        with suppress(DataError):
            manifest = cache.read_manifest(split, part)
            if manifest.get("origin") == chosen:
                origin = manifest["source"].rpartition(": ")[0]
                fetched[part] = Fetched(cache.open_part(split, part), origin, 0)
    return fetched


def _revision(split: Split, chosen: str) -> str | None:
    """The revision of this source that a part of the split came from, so that the other part comes from it too."""
    for part in PARTS:
        with suppress(DataError):
            manifest = cache.read_manifest(split, part)
            if manifest.get("origin") == chosen and isinstance(manifest.get("revision"), str):
                return str(manifest["revision"])
    return None


def _files(opened: Source, split: Split, missing: list[Part], required: Sequence[Part]) -> dict[Part, list[str]]:
    """The files of each missing part; raises ``DataError`` when a required one has none."""
    names = opened.names()
    files = {part: layout.files_of(names, split, part, opened.origin) for part in missing}
    for part in required:
        if part in files and not files[part]:
            raise _nothing_there(opened, split, part)
    return {part: called for part, called in files.items() if called}


def _nothing_there(opened: Source, split: Split, part: Part | None) -> DataError:
    images, _ = layout.idx_names(split, part or "train")
    there = layout.what_is_there(opened.names())
    lacks = f"no {split.title} {part or 'files'}, but {there}" if there else "no files"
    return DataError(
        f"{opened.origin} has {lacks}; give a folder or zip archive with "
        f"{images}.gz and its labels, or with {layout.csv_name(split, part or 'train')}."
    )


def _read(opened: Source, split: Split, part: Part, names: list[str]) -> Dataset:
    """Read a part, a second time where damage came over the network; what is kept of files of no use goes."""
    for last_try in (False, True):
        try:
            return _dataset(opened, split, part, names)
        except DamagedError as error:
            if not opened.forget([error.name], damaged=True):
                raise
            if last_try:
                what = f"arrives damaged from {opened.origin}, twice in a row"
                raise Unavailable(Reason.UNUSABLE, error.name, what) from error
        except FetchCancelled:
            raise
        except DataError:
            opened.forget(names)
            raise
    raise AssertionError("the second try returns or raises")


def _dataset(opened: Source, split: Split, part: Part, names: list[str]) -> Dataset:
    """The files called ``names`` as one dataset, not yet kept."""
    digest = hashlib.sha256()
    mapping = None if opened.official else layout.mapping_of(opened.names(), split, names[0])
    classes = None if mapping is None else formats.read_mapping(opened.open(mapping), split, mapping)
    writers = None
    if len(names) == 2:
        images = formats.read_idx_images(opened.open(names[0]), names[0], digest.update)
        labels = formats.read_idx_labels(opened.open(names[1]), split, names[1], classes)
    elif (member := layout.recognize(names[0])) and member.kind == "mat":
        from emnist_core.data import mat  # here, since it brings SciPy

        images, labels, writers = mat.read_mat(opened.open(names[0]), split, part, names[0])
        digest.update(images.data)
    else:
        images, labels = formats.read_csv(opened.open(names[0]), split, names[0], digest.update, classes)
    if len(images) != len(labels):
        raise DataError(
            f"{names[0]} has {len(images):,} images and {names[1]} has {len(labels):,} labels; "
            "download both again from one place."
        )
    notes: tuple[str, ...] = ()
    if mapping is not None and classes is not None and (classes != formats.nist_classes(split)).any():
        _check_mapping(images, labels, split, classes, mapping)
        notes = (f"{mapping} orders the classes otherwise than NIST does; its order was followed.",)
    upright, lay = orientation.righted(images, labels, split, names[0])
    digest.update(np.ascontiguousarray(labels, "<i8").data)
    sha256 = digest.hexdigest() if upright is images else content_hash(upright, labels)
    name, more = _provenance(opened, split, part, names[0], labels, untouched=not (lay or notes))
    return Dataset(split, part, upright, labels, sha256, name, False, (*notes, *lay, *more), writers)


def _check_mapping(images: Images, labels: Labels, split: Split, classes: Labels, mapping: str) -> None:
    """Refuse a mapping file in another order than NIST's where the images speak for NIST's."""
    numbers = np.argsort(np.where(classes < 0, len(classes), classes))[: split.classes]
    in_nists_order = formats.nist_classes(split)[numbers[labels]]
    if (in_nists_order < 0).any():
        return
    gain = orientation.likeness(images, in_nists_order, split) - orientation.likeness(images, labels, split)
    if gain > orientation.LEAST_GAIN:
        raise DataError(
            f"{mapping} gives the classes another order than NIST's, and the images show NIST's; take that file away, "
            "or put the one there that came with the images."
        )


def _provenance(
    opened: Source, split: Split, part: Part, images: str, labels: Labels, untouched: bool
) -> tuple[str, tuple[str, ...]]:
    """What the rows may call themselves, and sentences on them; refuses others than NIST's from a source of NIST's."""
    known = provenance.labels_are_official(split, part, labels)
    if opened.official and known is False:
        raise DataError(
            f"{opened.origin} sends other labels than the official {split.title} {part} part has; "
            "tell the project, and take another source until then."
        )
    genuine = untouched and opened.official
    if untouched and known and not genuine:
        genuine = provenance.images_are_official(split, part, opened.open(images))
    unknown = (provenance.IMAGES_UNKNOWN,) if known and not genuine else ()
    return provenance.name_of(split, part, labels, genuine), (*unknown, *provenance.notes_of(split, labels))


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
