"""What EMNIST's files are called, by NIST and Kaggle and by the tools and people through whose hands they went."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import product
from pathlib import PurePosixPath

from emnist_core.errors import DataError
from emnist_core.splits import PARTS, SPLITS, Part, Split

_COPY = re.compile(r"\s*\(\d+\)|\s+\d+$|(\s+-)?\s+copy$|^copy of |\.\d+$")
"""What browsers, file managers and wget write into the name of a second copy."""

_NAME = re.compile(
    r"emnist{s}(?P<split>{splits})(?:{s}(?P<part>train|test)(?:{s}(?P<idx>images|labels){s}idx[13]{s}ubyte|\.(?P<csv>csv))"
    r"|\.(?P<mat>mat)|{s}(?P<mapping>mapping)\.txt)".replace("{s}", "[-_. ]").replace("{splits}", "|".join(SPLITS))
)


@dataclass(frozen=True)
class Member:
    """What a file of EMNIST is by its name.

    Attributes:
        split: the split's name.
        part: None for a file that stands for both.
        kind: ``images``, ``labels``, ``csv``, ``mat`` or ``mapping``.
    """

    split: str
    part: Part | None
    kind: str


def idx_names(split: Split, part: Part) -> tuple[str, str]:
    """NIST's names of the files of images and labels, unpacked."""
    stem = f"emnist-{split.name}-{part}"
    return f"{stem}-images-idx3-ubyte", f"{stem}-labels-idx1-ubyte"


def csv_name(split: Split, part: Part) -> str:
    """Kaggle's name of the file of a part."""
    return f"emnist-{split.name}-{part}.csv"


def mat_name(split: Split) -> str:
    """NIST's name of the MATLAB file of a split, which has both parts."""
    return f"emnist-{split.name}.mat"


def mapping_name(split: Split) -> str:
    """NIST's name of the file that gives every class its character."""
    return f"emnist-{split.name}-mapping.txt"


def nist_names() -> set[str]:
    """NIST's names of the gzipped files of all splits and parts."""
    return {f"{name}.gz" for split in SPLITS.values() for part in PARTS for name in idx_names(split, part)}


def kaggle_names() -> set[str]:
    """Kaggle's names of the files of all splits and parts."""
    return {csv_name(split, part) for split in SPLITS.values() for part in PARTS}


def recognize(name: str) -> Member | None:
    """What the file at the path ``name`` is, also under the names that browsers and unpackers give it.

    A file of another name in a folder that has one of EMNIST's is what the folder is called.
    """
    path = PurePosixPath(name)
    return _member(path.name) or _member(path.parent.name)


def _member(name: str) -> Member | None:
    plain = _COPY.sub("", _COPY.sub("", name.lower()).removesuffix(".gz"))
    match = _NAME.fullmatch(plain)
    if match is None:
        return None
    kind = match["idx"] or match["csv"] or match["mat"] or match["mapping"]
    part = next((part for part in PARTS if part == match["part"]), None)
    return Member(match["split"], part, kind)


def files_of(names: Collection[str], split: Split, part: Part, origin: str) -> list[str]:
    """Which of ``names`` make up ``part``: images and labels, one file, or none.

    Images and labels are taken from one folder before two, from near the top before far down, and packed
    before unpacked. ``origin`` is what messages call the place. Raises ``DataError`` when there are images
    without labels, or the other way round.
    """
    images, labels = (_called(names, Member(split.name, part, kind)) for kind in ("images", "labels"))
    if images and labels:
        together = min(product(images, labels), key=lambda pair: (len({*map(_folder, pair)}), *map(_rank, pair)))
        return list(together)
    single = _called(names, Member(split.name, part, "csv")) or _called(names, Member(split.name, None, "mat"))
    if (images or labels) and not single:
        lacking = idx_names(split, part)[bool(images)]
        raise DataError(f"{origin} has {(images or labels)[0]} without {lacking}.gz; put both in one place.")
    return single[:1]


def mapping_of(names: Collection[str], split: Split, beside: str) -> str | None:
    """The mapping file of ``split`` nearest to the file ``beside``; None where there is none."""
    mappings = _called(names, Member(split.name, None, "mapping"))
    return min(mappings, key=lambda name: (_folder(name) != _folder(beside), _rank(name)), default=None)


def what_is_there(names: Iterable[str]) -> str:
    """The files called ``names`` in a few words, e.g. ``"Letters train and 2 other files"``; empty for none."""
    known: dict[str, None] = {}
    others = []
    for name in sorted(names):
        member = recognize(name)
        if member is None:
            others.append(PurePosixPath(name).name)
        elif member.kind != "mapping":
            known[f"{SPLITS[member.split].title} {member.part or 'as a MATLAB file'}"] = None
    shown = list(known) or others[:3]
    rest = len(others) if known else len(others) - len(shown)
    if rest:
        shown.append(f"{rest:,} other file{'s' if rest > 1 else ''}")
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _called(names: Iterable[str], member: Member) -> list[str]:
    """The files that are ``member``, the likeliest first."""
    return sorted((name for name in names if recognize(name) == member), key=_rank)


def _rank(name: str) -> tuple[bool, int, bool, bool, str]:
    path = PurePosixPath(name)
    is_copy = _COPY.search(path.name.lower()) is not None
    return _member(path.name) is None, len(path.parts), is_copy, path.suffix.lower() != ".gz", name


def _folder(name: str) -> PurePosixPath:
    return PurePosixPath(name).parent
