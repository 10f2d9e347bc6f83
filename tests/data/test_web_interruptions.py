"""A fetch that is watched, cancelled, killed, joined by another or out of disk; what came is kept."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from emnist_core import data, paths
from emnist_core.data import fetching, sources
from emnist_core.data.progress import FetchCancelled, Progress
from emnist_core.data.sources.url import Nist
from emnist_core.errors import DataError
from tests.helpers import server
from tests.helpers.sample_archive import (
    DIRECTORY,
    TEST_BYTES,
)
from tests.helpers.web_fetch import assert_right, fetch, leftovers, refused

pytestmark = pytest.mark.usefixtures("no_pauses")


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
