"""Where EMNIST's files come from. Another source is a small class and one line in ``SOURCES``."""

import os
from pathlib import Path

from emnist_core.data.progress import Meter
from emnist_core.data.sources.huggingface import HuggingFace
from emnist_core.data.sources.source import Source, open_path
from emnist_core.data.sources.tools import EmnistPackage, Kaggle, TensorFlowDatasets, Torchvision
from emnist_core.data.sources.url import Nist, downloads, open_url
from emnist_core.data.web import Reason, Unavailable

__all__ = [
    "SERVERS",
    "SOURCES",
    "Reason",
    "Source",
    "Unavailable",
    "chosen",
    "downloads",
    "next_source",
    "open_path",
    "open_source",
    "title_of",
]

URL_VARIABLE = "EMNIST_URL"
"""The environment variable with the address of a mirror, which then stands in for NIST."""

_Server = type[Nist] | type[HuggingFace] | type[Kaggle]
_Tool = type[Torchvision] | type[TensorFlowDatasets] | type[EmnistPackage]

SOURCES: dict[str, _Server | _Tool] = {
    "nist": Nist, "huggingface": HuggingFace, "kaggle": Kaggle,
    "torchvision": Torchvision, "tfds": TensorFlowDatasets, "emnist": EmnistPackage,
}  # fmt: skip
"""Every source by name."""

SERVERS = ("nist", "huggingface", "kaggle")
"""Those that need nothing on this machine, in the order in which they are tried; others are what a tool has left."""


def chosen(source: str | Path | None) -> str | Path:
    """What ``source`` means: a name in ``SOURCES``, an address, or a path; None is the mirror or NIST."""
    if source is None or source == "":
        return os.environ.get(URL_VARIABLE) or SERVERS[0]
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


def title_of(source: str | Path) -> str:
    """What people call a source."""
    named = SOURCES.get(str(source))
    return named.title if named else str(source)


def next_source(source: str | Path) -> str:
    """The name of the source to try when ``source`` failed: the server after it, else the first."""
    if source not in SERVERS:
        return SERVERS[0]
    return SERVERS[(SERVERS.index(str(source)) + 1) % len(SERVERS)]
