"""The serving models that a visitor's browser may have, asked for by their sha256."""

import gzip
import hashlib
from functools import lru_cache

from emnist_core import runs
from emnist_core.errors import RunError
from emnist_core.runs import Run
from emnist_core.serving import opening

LARGEST = 4_000_000
"""Bytes of a serving model above which it answers from the server: ResNet-34 has 20 million."""
MOST_PACKED = 32


def sha256_for_browser(run: Run) -> str | None:
    """The hash by which a browser may ask for the run's serving model; None where it answers from the server."""
    try:
        return run.serving_sha256() if run.serving_file.stat().st_size <= LARGEST else None
    except OSError:
        return None


def packed_model(sha256: str) -> bytes | None:
    """The gzipped serving model with that hash of a run that ships or is one's own; None where there is none."""
    for run in runs.servable_runs():
        if sha256_for_browser(run) == sha256:
            try:
                content = opening.cached(opening.serving_model, run)
            except RunError:  # damaged: it is told where the server reads it
                return None
            # It may have been renewed since, and what stands at an address stays there in browsers.
            return _packed(content) if hashlib.sha256(content).hexdigest() == sha256 else None
    return None


@lru_cache(maxsize=MOST_PACKED)
def _packed(content: bytes) -> bytes:
    return gzip.compress(content, 6, mtime=0)
