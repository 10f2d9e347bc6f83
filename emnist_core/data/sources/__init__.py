"""Where EMNIST's files come from. A further source is a small class and one line in ``SOURCES``."""

import os
from pathlib import Path
from typing import Protocol

from emnist_core.data.progress import Meter
from emnist_core.data.sources.huggingface import HuggingFace
from emnist_core.data.sources.kaggle import Kaggle
from emnist_core.data.sources.local import open_path
from emnist_core.data.sources.nist import Nist
from emnist_core.data.sources.source import Source
from emnist_core.data.sources.tools import EmnistPackage, TensorFlowDatasets, ToolCache, Torchvision
from emnist_core.data.sources.url import downloads, open_url
from emnist_core.data.web import Unavailable

__all__ = [
    "SOURCES",
    "Source",
    "Unavailable",
    "chosen",
    "downloads",
    "found",
    "next_source",
    "open_path",
    "open_source",
    "title_of",
]

URL_VARIABLE = "EMNIST_URL"
"""The environment variable with the address of a mirror, which then stands in for NIST."""


class NamedSource(Protocol):
    """A source that needs nothing but its name."""

    title: str

    def __call__(self, meter: Meter) -> Source:
        """Open it."""


SOURCES: dict[str, NamedSource] = {
    "nist": Nist,
    "huggingface": HuggingFace,
    "kaggle": Kaggle,
    "torchvision": Torchvision,
    "tfds": TensorFlowDatasets,
    "emnist": EmnistPackage,
}
"""By name, in the order in which they are offered when one fails."""


def chosen(source: str | Path | None) -> str | Path:
    """What ``source`` means: a name in ``SOURCES``, an address, or a path; None is the mirror or NIST."""
    if source is None or source == "":
        return os.environ.get(URL_VARIABLE) or "nist"
    return source if isinstance(source, Path) or source in SOURCES or "://" in source else Path(source)


def open_source(source: str | Path, meter: Meter, revision: str | None = None) -> Source:
    """Open what ``chosen`` gave; raises ``DataError``, or ``Unavailable`` when another source may do.

    ``revision`` is the one to keep to, from a place that keeps several; see ``Source.revision``.
    """
    if isinstance(source, Path):
        return open_path(source.expanduser())
    if source in SOURCES:
        named = SOURCES[source]
        return HuggingFace(meter, revision) if named is HuggingFace else named(meter)
    return open_url(source, meter)


def found() -> dict[str, str]:
    """What other tools have left on this machine: by source name, where it is."""
    places = {}
    for name, kind in SOURCES.items():
        if isinstance(kind, type) and issubclass(kind, ToolCache) and (left := kind.find()) is not None:
            places[name] = left.origin
            left.close()
    return places


def title_of(source: str | Path) -> str:
    """What people call a source."""
    named = SOURCES.get(str(source))
    return named.title if named else str(source)


def next_source(source: str | Path) -> str:
    """The name of the source to try when ``source`` failed: of those on the network the next, else the first."""
    following = {"nist": "huggingface", "huggingface": "kaggle"}
    return following.get(str(source), "nist")
