"""Where images come from: EMNIST's own files, kept in a cache, or the bundled sample."""

from emnist_core.data.dataset import Dataset
from emnist_core.data.library import SourceName, fetch, installed, load

__all__ = ["Dataset", "SourceName", "fetch", "installed", "load"]
