"""Balanced fetched over HTTP from a server of ours, and what is to be true afterwards."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from emnist_core import data, paths
from emnist_core.data import cache, fetching
from emnist_core.errors import DataError
from emnist_core.splits import Part, get_split
from tests.helpers.sample_archive import (
    ROWS,
    SAMPLE,
)

BALANCED = get_split("balanced")


def assert_right(part: Part = "test") -> None:
    found = cache.verify(BALANCED, part)
    np.testing.assert_array_equal(found.images, SAMPLE[part].images[: ROWS[part]])
    np.testing.assert_array_equal(found.labels, SAMPLE[part].labels[: ROWS[part]])


def fetch(url: str, parts: Sequence[Part] | None = ("test",), **named: Any) -> list[fetching.Fetched]:
    return fetching.fetch("balanced", url, parts, **named)


def refused(url: str, parts: Sequence[Part] | None = ("test",)) -> str:
    """The sentence that a fetch ends in; checks that nothing is in the cache."""
    with pytest.raises(DataError) as caught:
        fetch(url, parts)
    message = str(caught.value)
    assert message.endswith(".")
    assert "\n" not in message
    assert data.installed().empty
    return message


def leftovers() -> list[str]:
    return sorted(path.name for path in (paths.home() / "downloads").rglob("*") if path.suffix == ".part")


def refused_again(url: str) -> str:
    with pytest.raises(DataError) as caught:
        fetch(url, ("train",))
    return str(caught.value)
