"""Fetching over HTTP: whatever the network does, it ends in the right rows or in one sentence."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emnist_core import data, paths
from emnist_core.data import cache, fetching, sources, web
from emnist_core.data.progress import FetchCancelled, Progress
from emnist_core.data.sources.url import Nist
from emnist_core.errors import DataError
from emnist_core.splits import SPLITS, get_split
from tests.helpers import nist, server
from tests.helpers.sample_archive import (
    ARCHIVE,
    CONTENT,
    DIRECTORY,
    FILES,
    MEMBERS,
    ROWS,
    SAMPLE,
    TEST_BYTES,
    archive_of,
)

BALANCED = get_split("balanced")


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "PAUSE", 0.001)
    monkeypatch.setattr(web, "TIMEOUT", (2.0, 0.5))
    monkeypatch.delenv("EMNIST_URL", raising=False)


@pytest.fixture
def nearby() -> Iterator[server.Manners]:
    """A server that has the archive at ``/gzip.zip`` and its files one by one under ``/files/``."""
    with server.running(CONTENT) as manners:
        yield manners


def assert_right(part: str = "test") -> None:
    found = cache.verify(BALANCED, part)
    np.testing.assert_array_equal(found.images, SAMPLE[part].images[: ROWS[part]])
    np.testing.assert_array_equal(found.labels, SAMPLE[part].labels[: ROWS[part]])


def fetch(url: str, parts=("test",), **named) -> list[fetching.Fetched]:
    return fetching.fetch("balanced", url, parts, **named)


def refused(url: str, parts=("test",)) -> str:
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


def test_ordinary_user_agent(nearby: server.Manners):
    nearby.agents_refused += ("emnist-nothing",)
    assert not any(word in web.USER_AGENT.lower() for word in nearby.agents_refused)
    fetch(f"{nearby.url}/gzip.zip")
    nearby.agents_refused = ("mozilla",)
    message = refused_again(f"{nearby.url}/gzip.zip")
    assert "answered 403 (Forbidden) for /gzip.zip; try again later, or take it from elsewhere" in message
    assert "`python -m emnist_core fetch balanced --source nist`" in message


def refused_again(url: str) -> str:
    with pytest.raises(DataError) as caught:
        fetch(url, ("train",))
    return str(caught.value)


def test_busy_for_a_moment(nearby: server.Manners):
    nearby.status = [503, None, 503, 429, None, 502]
    fetch(f"{nearby.url}/gzip.zip")
    assert_right()


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (403, "answered 403 (Forbidden) for /gzip.zip"),
        (404, "answered 404 (Not Found)"),
        (410, "answered 410 (Gone)"),
        (503, "answered 503 (Service Unavailable)"),
        (500, "answered 500 (Internal Server Error)"),
        (599, "answered 599"),
        (204, "answered 204"),
    ],
)
def test_answers_that_are_none(nearby: server.Manners, status: int, says: str):
    nearby.status = [status] * 20
    message = refused(f"{nearby.url}/gzip.zip")
    assert says in message
    assert "try again later, or take it from elsewhere with `python -m emnist_core fetch balanced" in message


def test_redirects(nearby: server.Manners):
    nearby.redirect = {"/old.zip": "/older.zip", "/older.zip": f"{nearby.url}/gzip.zip"}
    fetch(f"{nearby.url}/old.zip")
    assert_right()


def test_redirects_in_a_circle_and_into_nothing(nearby: server.Manners):
    nearby.redirect = {"/a.zip": "/b.zip", "/b.zip": "/a.zip", "/c.zip": "file:///etc/passwd"}
    assert "redirects in a circle" in refused(f"{nearby.url}/a.zip")
    assert "is not an address" in refused(f"{nearby.url}/c.zip")


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("wrong", [b"<html>Sign in to the network</html>" * 100, b"", b"PK\3\4" + bytes(3000)])
def test_wrong_content(nearby: server.Manners, ranges: bool, wrong: bytes):
    nearby.content["/gzip.zip"], nearby.ranges = wrong, ranges
    message = refused(f"{nearby.url}/gzip.zip")
    assert "zip archive" in message


def test_an_archive_without_the_part(nearby: server.Manners):
    nearby.content["/gzip.zip"] = archive_of({name: body for name, body in FILES.items() if "letters" in name})
    assert "has no Balanced test, but Letters" in refused(f"{nearby.url}/gzip.zip")


def test_an_archive_that_lies_about_its_files(nearby: server.Manners):
    swapped = {name.replace("labels-idx1", "x").replace("images-idx3", "labels-idx1").replace("x-u", "images-idx3-u"): b
               for name, b in FILES.items()}  # fmt: skip
    nearby.content["/gzip.zip"] = archive_of(swapped)
    assert "holds labels and not images" in refused(f"{nearby.url}/gzip.zip")
    assert leftovers() == []


def test_nobody_there_and_no_address():
    assert "could not be reached (connection refused)" in refused("http://127.0.0.1:9/gzip.zip")
    assert "begins with http:// or https://" in refused("ftp://127.0.0.1/gzip.zip")


def test_a_slow_server_is_waited_for_and_a_silent_one_is_not(nearby: server.Manners):
    nearby.pause = 0.02
    fetch(f"{nearby.url}/gzip.zip")
    assert_right()
    nearby.pause = 30
    assert "did not answer in time" in refused_again(f"{nearby.url}/gzip.zip")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "WINDOW", 0.2)
    monkeypatch.setattr(web, "HEADERS", 0.5)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("path", "seconds", "says"),
    [
        ("/files/", 0.02, "sends less than 1,000 bytes a second"),
        ("/gzip.zip", 0.02, "sends less than 1,000 bytes a second"),
        ("/files/", -0.02, "did not answer in time"),
    ],
)
def test_a_server_that_trickles(nearby: server.Manners, path: str, seconds: float, says: str):
    nearby.trickle = [seconds] * 50
    started = time.monotonic()
    assert says in refused(nearby.url + path)
    assert time.monotonic() - started < 10
    nearby.trickle = [seconds, seconds]  # the third try finds it well
    fetch(nearby.url + path)
    assert_right()


@pytest.mark.usefixtures("impatient")
def test_a_server_that_does_not_begin_to_answer_can_be_left(nearby: server.Manners, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(web, "HEADERS", 60.0)
    nearby.trickle = [-0.02]
    with pytest.raises(FetchCancelled):
        fetch(f"{nearby.url}/files/", cancelled=lambda: len(nearby.asked) > 0)


def test_a_proxy_that_refuses_is_not_the_mirrors_fault(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy", "https_proxy", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    for url in ("https://mirror.invalid/gzip.zip", "http://mirror.invalid/gzip.zip"):
        message = refused(url)
        assert "the proxy on the way to it does not let us through; set HTTPS_PROXY and HTTP_PROXY" in message
        assert "--source" not in message


def test_the_path_of_an_answer_is_named(nearby: server.Manners):
    nearby.status = [404] * 9
    assert "answered 404 (Not Found) for /; try" in refused(nearby.url)


def test_a_source_with_one_part_twice(nearby: server.Manners):
    nearby.content["/gzip.zip"] = archive_of({name: body for name, body in FILES.items() if "balanced-test" in name})
    first, second = (fetch(f"{nearby.url}/gzip.zip", None) for _ in range(2))
    assert [found.dataset.part for found in (*first, *second)] == ["test", "test"]
    assert second[0].bytes_downloaded == 0
    with pytest.raises(DataError, match="has no Balanced train, but Balanced test; give"):
        fetch(f"{nearby.url}/gzip.zip", ("train",))


def test_progress(nearby: server.Manners, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("emnist_core.data.progress.SHOW_SECONDS", 0.0)
    nearby.pause = 0.002
    told: list[Progress] = []
    fetch(f"{nearby.url}/gzip.zip", progress=told.append)
    assert told[-1].bytes_done == told[-1].bytes_total == nearby.sent
    done = [one.bytes_done for one in told]
    assert done == sorted(done)
    assert any(one.bytes_per_second and one.seconds_left is not None for one in told)
    assert {"emnist-balanced-test-images-idx3-ubyte.gz"} < {one.doing for one in told}


def test_cancelling_keeps_what_came(nearby: server.Manners):
    url = f"{nearby.url}/gzip.zip"
    with pytest.raises(FetchCancelled, match=r"cancelled; what came is kept"):
        fetch(url, cancelled=lambda: nearby.sent > TEST_BYTES // 2)
    assert data.installed().empty
    assert len(leftovers()) == 1
    nearby.sent = 0
    fetch(url)
    assert_right()
    assert nearby.sent < TEST_BYTES


FETCHER = """
import sys
from emnist_core.data import fetching
print(fetching.fetch("balanced", sys.argv[1], ["test"])[0].bytes_downloaded)
"""


def start_fetcher(url: str) -> subprocess.Popen:
    command = [sys.executable, "-c", FETCHER, url]
    return subprocess.Popen(command, cwd=paths.PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.skipif(os.name != "posix", reason="kills a process with SIGKILL")
def test_a_killed_fetch_goes_on(nearby: server.Manners):
    url, nearby.pause = f"{nearby.url}/gzip.zip", 0.05
    process = start_fetcher(url)
    deadline = time.monotonic() + 20
    while nearby.sent < DIRECTORY + 20_000 and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert data.installed().empty
    assert leftovers() != []
    nearby.pause, nearby.sent = 0, 0
    fetch(url)
    assert_right()
    assert nearby.sent < 0.8 * TEST_BYTES


def test_two_at_once_do_the_work_once(nearby: server.Manners):
    nearby.pause = 0.02
    processes = [start_fetcher(f"{nearby.url}/gzip.zip") for _ in range(2)]
    moved = [int(process.communicate(timeout=60)[0]) for process in processes]
    assert sorted(moved) == [0, nearby.sent]
    assert nearby.sent < 1.05 * TEST_BYTES + DIRECTORY
    assert_right()


def test_waiting_for_another_can_be_cancelled(nearby: server.Manners):
    url = f"{nearby.url}/gzip.zip"
    lock = sources.downloads(url).with_suffix(".lock")
    lock.parent.mkdir(parents=True)
    with FileLock(lock), pytest.raises(FetchCancelled):
        fetch(url, cancelled=lambda: True)
    fetch(url)
    assert_right()


def test_a_mirror_by_environment(nearby: server.Manners, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("EMNIST_URL", f"{nearby.url}/gzip.zip")
    (fetched,) = fetching.fetch("balanced", None, ["test"])
    assert fetched.source == f"{nearby.url}/gzip.zip"


def test_nist_takes_the_official_labels_alone(nearby: server.Manners, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Nist, "url", f"{nearby.url}/gzip.zip")
    with pytest.raises(DataError, match="other labels than the official Balanced test part has"):
        fetch("nist")
    monkeypatch.setattr(Nist, "url", f"{nearby.url}/gone.zip")
    assert "from NIST, because" in refused("nist")
    assert "--source huggingface`." in refused("nist")
    monkeypatch.setattr(Nist, "url", f"{nearby.url}/gzip.zip")
    nearby.ranges = False
    assert "is not the zip archive that it has to be" in refused("nist")


def test_a_full_disk(nearby: server.Manners, monkeypatch: pytest.MonkeyPatch):
    opened = Path.open

    def full(path: Path, mode: str = "r", *rest: Any, **options: Any) -> Any:
        if mode == "ab":
            raise OSError(28, "No space left on device")
        return opened(path, mode, *rest, **options)

    monkeypatch.setattr(Path, "open", full)
    assert "cannot be kept (No space left on device); make room" in refused(f"{nearby.url}/gzip.zip")
