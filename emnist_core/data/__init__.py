"""Where images come from: EMNIST's own files, kept in a cache, or the bundled sample."""

from collections.abc import Callable, Sequence
from pathlib import Path

from emnist_core.data.dataset import Dataset
from emnist_core.data.library import installed, is_installed, load
from emnist_core.data.progress import FetchCancelled, Progress
from emnist_core.splits import DatasetKind, Part

__all__ = ["Dataset", "DatasetKind", "FetchCancelled", "Progress", "fetch", "installed", "is_installed", "load"]


def fetch(
    split: str,
    source: str | Path | None = None,
    parts: Sequence[Part] | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[Dataset]:
    """Bring ``parts`` of a split into the cache and return them opened; see ``fetching.fetch``."""
    # What talks to servers is imported when somebody fetches.
    from emnist_core.data import fetching

    return [fetched.dataset for fetched in fetching.fetch(split, source, parts, progress, cancelled)]
