"""The space on the disk that one's own runs take, and the limit of it."""

import math
import os
from contextlib import suppress

from emnist_core import hosting, paths
from emnist_core.errors import RunError

VARIABLE = "EMNIST_RUNS_GB"
"""Sets the limit, in gigabytes."""
DEFAULT_LIMIT = 10.0


def taken() -> float:
    """The gigabytes that one's own runs take, with those that strangers deleted where these visit."""
    total = 0
    for root in (paths.own_runs(), paths.trash()) if hosting.is_hosted() else (paths.own_runs(),):
        for folder, _, names in os.walk(root):
            for name in names:
                with suppress(OSError):  # deleted since it was listed
                    total += os.lstat(os.path.join(folder, name)).st_size
    return total / 1e9


def limit() -> float:
    """The gigabytes from which on no other training starts.

    Raises:
        RunError: when ``EMNIST_RUNS_GB`` holds something else.
    """
    said = os.environ.get(VARIABLE, "").strip()
    with suppress(ValueError):
        gigabytes = float(said) if said else DEFAULT_LIMIT
        if gigabytes > 0 and math.isfinite(gigabytes):
            return gigabytes
    raise RunError(f"{VARIABLE} is {said!r}, which is no number of gigabytes; set it to one, such as 10.")


def in_words() -> str:
    """How much of the limit is taken, in a sentence; raises as ``limit``."""
    return f"Runs trained here take {taken():.2f} GB of at most {limit():g}."


def ensure_room(more: int = 0) -> None:
    """Refuse another run where those that are there, and ``more`` bytes, take more than the limit.

    Raises:
        RunError: saying how much they take, and where to delete.
    """
    if taken() + more / 1e9 <= limit():
        return
    # Where strangers visit, the server's folders are none of their business.
    advice = (
        "ask this app's host to delete some"
        if hosting.is_hosted()
        else f"delete some of the folders in {paths.own_runs()}, or set {VARIABLE} to more"
    )
    raise RunError(f"{in_words()[:-1]}; {advice}.")
