"""The mirror: what the cache has, served as NIST serves it; a fetch from it is a fetch from NIST."""

import io
import json
import subprocess
import sys
import threading
import urllib.request
import zipfile
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import numpy as np
import pytest

from emnist_core import data, paths
from emnist_core.data import cache, fetching, mirror
from emnist_core.errors import DataError
from emnist_core.splits import get_split
from tests.helpers import nist


@pytest.fixture
def served(tmp_path: Path) -> Iterator[mirror.Mirror]:
    """A mirror of Balanced (a hundred rows of noise a part) and the test part of Letters."""
    data.fetch("balanced", nist.write_folder(tmp_path / "b", both("balanced")))
    data.fetch("letters", nist.write_folder(tmp_path / "l", nist.part_files("letters", "test", 50, 3)))
    with mirror.serve() as serving:
        thread = threading.Thread(target=serving.run)
        thread.start()
        yield serving
        serving.stop()
        thread.join()


def both(name: str) -> dict[str, bytes]:
    return nist.part_files(name, "train", 100, 1) | nist.part_files(name, "test", 100, 2)


def test_a_fetch_from_it_gives_the_same(served: mirror.Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    here = data.installed()
    assert served.parts == ["balanced train", "balanced test", "letters test"]
    monkeypatch.setenv("EMNIST_HOME", str(tmp_path / "elsewhere"))
    moved = [one.bytes_downloaded for one in fetching.fetch("balanced", served.url)]
    moved += [one.bytes_downloaded for one in fetching.fetch("letters", served.url, ["test"])]
    assert data.installed()["sha256"].tolist() == here["sha256"].tolist()
    cache.verify(get_split("letters"), "test")
    assert sum(moved) < served.size + 2000
    assert fetching.fetch("balanced", served.url, ["test"])[0].bytes_downloaded == 0
    with pytest.raises(DataError, match="has no Letters train"):
        fetching.fetch("letters", served.url, ["train"])


def test_the_archive_has_nists_layout(served: mirror.Mirror):
    content = urllib.request.urlopen(served.url).read()
    assert len(content) == served.size
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_STORED}
        assert {f"gzip/{name}" for name in both("balanced")} < names
        mapping = archive.read("gzip/emnist-letters-mapping.txt").decode().splitlines()
    assert (mapping[0], mapping[-1], len(mapping)) == ("1 65", "26 90", 26)


@pytest.mark.usefixtures("served")
def test_it_is_built_once_and_again_when_the_cache_changes(tmp_path: Path):
    archive, _ = mirror.build()
    built = archive.stat().st_mtime_ns
    assert mirror.build()[0].stat().st_mtime_ns == built
    data.fetch("digits", nist.write_folder(tmp_path / "d", nist.part_files("digits", "test")))
    other, parts = mirror.build()
    assert other != archive
    assert parts[-1] == "digits test"
    assert [path.name for path in (paths.home() / "mirror").iterdir()] == [other.name]


def test_nothing_to_serve():
    with pytest.raises(DataError, match="nothing to serve yet; fetch a split first"):
        mirror.build()


def ask(url: str, **headers: str) -> tuple[int, bytes, Message]:
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


def test_ranges(served: mirror.Mirror):
    status, whole, headers = ask(served.url)
    assert (status, headers["Accept-Ranges"], headers["Content-Length"]) == (200, "bytes", str(served.size))
    for asked, expected in (("bytes=0-0", whole[:1]), ("bytes=10-", whole[10:]), ("bytes=-5", whole[-5:])):
        status, content, answered = ask(served.url, Range=asked)
        assert (status, content) == (206, expected)
        assert answered["Content-Range"].endswith(f"/{served.size}")
    assert ask(served.url, Range=f"bytes={served.size}-")[0] == 416
    assert ask(served.url, Range="bytes=0-4", If_Range='"another"')[0] == 200
    assert ask(served.url, Range="bytes=0-4", If_Range=headers["ETag"])[0] == 206
    for elsewhere in ("/", "/etc/passwd", "/../gzip.zip", "/gzip.zip/"):
        assert ask(served.url.replace("/gzip.zip", elsewhere))[0] == 404


def test_a_port_that_is_taken(served: mirror.Mirror):
    port = int(served.url.rpartition(":")[2].partition("/")[0])
    sentence = rf"Nothing can be served at 127\.0\.0\.1:{port} .*name another --port\.$"
    with pytest.raises(DataError, match=sentence), mirror.serve(port=port):
        pass


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    data.fetch("balanced", nist.write_folder(tmp_path, both("balanced")))
    expected = data.installed()["sha256"].tolist()
    command = [sys.executable, "-m", "emnist_core"]
    serving = subprocess.Popen(
        [*command, "serve-mirror", "--port", "0", "--json"], cwd=paths.PROJECT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert serving.stdout is not None
        url = json.loads(serving.stdout.readline())["url"]
        monkeypatch.setenv("EMNIST_HOME", str(tmp_path / "elsewhere"))
        done = subprocess.run(
            [*command, "fetch", "balanced", "--url", url, "--json"], cwd=paths.PROJECT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        rows = json.loads(done.stdout)
    finally:
        serving.send_signal(2)
        serving.communicate(timeout=20)
    assert serving.returncode == 0
    assert [row["sha256"] for row in rows] == expected
    assert [row["images"] for row in rows] == [100, 100]
    assert {row["source"] for row in rows} == {url}
    assert all(row["bytes_downloaded"] > 1000 for row in rows)
    np.testing.assert_array_equal(
        data.load("balanced", "test").images, nist.random_rows(get_split("balanced"), 100, 2)[0]
    )
