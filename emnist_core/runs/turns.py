"""The lock under which a run of one's own is given its turn to be trained, or another place: never both at once."""

from filelock import FileLock

from emnist_core import paths


def lock() -> FileLock:
    """The lock, to be held for moments; its folder is made where there is none."""
    paths.own_runs().mkdir(parents=True, exist_ok=True)
    return FileLock(paths.own_runs() / ".queue.lock")
