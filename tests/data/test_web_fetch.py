"""Fetching over HTTP: whatever the network does, it ends in the right rows or in one sentence."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emnist_core import data
from emnist_core.data import cache, fetching
from emnist_core.errors import DataError
from emnist_core.splits import SPLITS, get_split
from tests.helpers import nist, server
from tests.helpers.sample_archive import (
    ARCHIVE,
    CONTENT,
    DIRECTORY,
    FILES,
    MEMBERS,
    SAMPLE,
    TEST_BYTES,
    archive_of,
)
from tests.helpers.web_fetch import BALANCED, assert_right, fetch, leftovers, refused

pytestmark = pytest.mark.usefixtures("no_pauses")


def test_a_part_costs_its_own_bytes(nearby: server.Manners):
    (fetched,) = fetch(f"{nearby.url}/gzip.zip")
    assert_right()
    assert fetched.bytes_downloaded == nearby.sent < 1.05 * TEST_BYTES + DIRECTORY
    assert fetched.source == f"{nearby.url}/gzip.zip"
    assert leftovers() == []


def test_both_parts(nearby: server.Manners):
    fetched = fetch(f"{nearby.url}/gzip.zip", None)
    assert [one.dataset.part for one in fetched] == ["train", "test"]
    assert sum(one.bytes_downloaded for one in fetched) == nearby.sent
    assert_right("train")
    assert_right("test")


def test_what_is_here_from_there_is_not_fetched_again(nearby: server.Manners):
    url = f"{nearby.url}/gzip.zip"
    fetch(url)
    nearby.sent = 0
    (again,) = fetch(url)
    assert (again.bytes_downloaded, nearby.sent, again.source) == (0, 0, url)
    assert len(fetch(url, None)) == 2
    assert nearby.sent < len(ARCHIVE) - TEST_BYTES
    (refetched,) = fetch(url, again=True)
    assert refetched.bytes_downloaded > TEST_BYTES


@pytest.mark.parametrize("name", [name for name in SPLITS if name != "balanced"])
def test_every_split(nearby: server.Manners, name: str):
    fetched = fetching.fetch(name, f"{nearby.url}/gzip.zip")
    images, labels = nist.random_rows(get_split(name), 5)
    for one in fetched:
        np.testing.assert_array_equal(one.dataset.images, images)
        np.testing.assert_array_equal(one.dataset.labels, labels)


def test_a_server_without_ranges_gives_the_whole_once(nearby: server.Manners):
    nearby.ranges = False
    (fetched,) = fetch(f"{nearby.url}/gzip.zip")
    assert_right()
    assert len(ARCHIVE) <= fetched.bytes_downloaded < len(ARCHIVE) + 1000
    nearby.asked.clear()
    (train,) = fetch(f"{nearby.url}/gzip.zip", ["train"])
    assert train.bytes_downloaded < 1000
    assert_right("train")


def test_a_server_that_only_counts_from_the_front(nearby: server.Manners):
    nearby.ranges = "explicit"
    fetch(f"{nearby.url}/gzip.zip")
    assert_right()


def test_files_one_by_one(nearby: server.Manners):
    (fetched,) = fetch(f"{nearby.url}/files/")
    assert_right()
    assert fetched.bytes_downloaded == TEST_BYTES
    assert leftovers() == []


@given(
    cuts=st.lists(st.integers(0, TEST_BYTES), min_size=1, max_size=3),
    kind=st.sampled_from(["zip", "whole", "files"]),
    whole_directory=st.booleans(),
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_cut_off_at_any_byte(tmp_path_factory, monkeypatch, cuts: list[int], kind: str, whole_directory: bool):
    monkeypatch.setenv("EMNIST_HOME", str(tmp_path_factory.mktemp("home")))
    with server.running(CONTENT) as manners:
        manners.cut, manners.ranges = list(cuts), kind != "whole"
        manners.cut_from = DIRECTORY + 1000 if whole_directory else 1000
        (fetched,) = fetch(manners.url + ("/files/" if kind == "files" else "/gzip.zip"))
        assert_right()
        assert leftovers() == []
        if kind == "zip":  # it goes on where it stopped: nothing but the directory is sent again
            assert fetched.bytes_downloaded == manners.sent < 1.01 * TEST_BYTES + 4 * DIRECTORY


@pytest.mark.parametrize("where", ["zip", "files"])
def test_a_server_that_always_breaks_off(nearby: server.Manners, where: str):
    nearby.cut = [0] * 100
    url = nearby.url + ("/files/" if where == "files" else "/gzip.zip")
    assert "broke off the connection again and again" in refused(url)
    nearby.cut = []
    fetch(url)
    assert_right()


def test_what_came_is_kept_for_the_next_try(nearby: server.Manners):
    size = MEMBERS["emnist-balanced-test-images-idx3-ubyte.gz"].compress_size
    nearby.cut_from = DIRECTORY + 1000
    nearby.cut = [size // 2] + [0] * 20
    refused(f"{nearby.url}/gzip.zip")
    nearby.cut, nearby.sent = [], 0
    fetch(f"{nearby.url}/gzip.zip")
    assert_right()
    assert nearby.sent < TEST_BYTES - size // 2 + DIRECTORY + 500


def test_what_came_of_another_archive_is_not_mixed_in(nearby: server.Manners):
    nearby.cut_from, nearby.cut = DIRECTORY + 1000, [5000] + [0] * 20
    url = f"{nearby.url}/gzip.zip"
    refused(url)
    other = nist.packed("balanced", "test", SAMPLE["train"].images[:150], SAMPLE["train"].labels[:150])
    nearby.content["/gzip.zip"], nearby.cut = archive_of(FILES | other), []
    assert len(leftovers()) == 1
    fetch(url)
    assert leftovers() == []
    np.testing.assert_array_equal(cache.verify(BALANCED, "test").images, SAMPLE["train"].images[:150])


@given(position=st.integers(0, len(ARCHIVE) - 1), bit=st.integers(0, 7), ranges=st.booleans())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_flipped_bit_anywhere(tmp_path_factory, monkeypatch, position: int, bit: int, ranges: bool):
    monkeypatch.setenv("EMNIST_HOME", str(tmp_path_factory.mktemp("home")))
    spoilt = bytearray(ARCHIVE)
    spoilt[position] ^= 1 << bit
    with server.running({"/gzip.zip": bytes(spoilt)}) as manners:
        manners.ranges = ranges
        sentence = outcome(f"{manners.url}/gzip.zip")
        assert sentence.endswith(".")
        assert data.installed().empty == (sentence != "Fetched.")
        if not data.installed().empty:
            assert_right()


def outcome(url: str) -> str:
    """The sentence that a fetch ends in, of success too."""
    try:
        fetch(url)
    except DataError as error:
        return str(error)
    return "Fetched."


def test_a_damaged_archive_that_came_whole_comes_again(nearby: server.Manners):
    whole, name = nearby.content["/gzip.zip"], "emnist-balanced-test-labels-idx1-ubyte.gz"
    spoilt = bytearray(whole)
    spoilt[MEMBERS[name].header_offset + 150] ^= 1
    nearby.content["/gzip.zip"], nearby.ranges = bytes(spoilt), False
    assert f"{name} arrives damaged" in refused(f"{nearby.url}/gzip.zip")
    nearby.content["/gzip.zip"] = whole
    fetch(f"{nearby.url}/gzip.zip")
    assert_right()


@pytest.mark.parametrize("kind", ["images", "labels"])
@pytest.mark.parametrize("where", ["zip", "files"])
def test_a_flipped_byte_in_what_is_asked_for(nearby: server.Manners, kind: str, where: str):
    name = next(name for name in FILES if f"balanced-test-{kind}" in name)
    path = f"/files/{name}" if where == "files" else "/gzip.zip"
    begin = MEMBERS[name].header_offset + 120 if where == "zip" else len(FILES[name]) // 2
    spoilt = bytearray(nearby.content[path])
    spoilt[begin + 40] ^= 1
    whole, nearby.content[path] = nearby.content[path], bytes(spoilt)
    url = nearby.url + ("/files/" if where == "files" else "/gzip.zip")
    assert f"{name} arrives damaged" in refused(url)
    nearby.content[path] = whole
    fetch(url)
    assert_right()


def test_a_source_with_one_part_twice(nearby: server.Manners):
    nearby.content["/gzip.zip"] = archive_of({name: body for name, body in FILES.items() if "balanced-test" in name})
    first, second = (fetch(f"{nearby.url}/gzip.zip", None) for _ in range(2))
    assert [found.dataset.part for found in (*first, *second)] == ["test", "test"]
    assert second[0].bytes_downloaded == 0
    with pytest.raises(DataError, match="has no Balanced train, but Balanced test; give"):
        fetch(f"{nearby.url}/gzip.zip", ("train",))
