"""Files are whole or not there."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from emnist_core import files, paths
from emnist_core.files import read_bytes, read_json, write_atomically, write_json
from tests.helpers.opens import files_opened


def test_what_is_written_is_read(tmp_path: Path):
    value = {"label": "Ä", "numbers": [1, 2.5, None]}
    write_json(tmp_path / "new" / "folder" / "a.json", value)
    assert read_json(tmp_path / "new" / "folder" / "a.json") == value
    assert "Ä" in (tmp_path / "new" / "folder" / "a.json").read_text(encoding="utf-8")


def test_until_the_end_a_reader_sees_the_old_file(tmp_path: Path):
    path = tmp_path / "a.json"
    write_json(path, 1)
    with write_atomically(path) as temporary:
        temporary.write_text("2")
        assert read_json(path) == 1
        assert temporary.suffix == ".json"
    assert read_json(path) == 2
    assert os.listdir(tmp_path) == ["a.json"]


def test_a_writer_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path):
    path = tmp_path / "a.json"
    write_json(path, 1)
    with pytest.raises(TypeError, match="must be str"), write_atomically(path) as temporary:
        temporary.write_text(7)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="serializable"):
        write_json(path, object())
    assert read_json(path) == 1
    assert os.listdir(tmp_path) == ["a.json"]


def test_a_writer_that_is_killed_leaves_the_old_file(tmp_path: Path):
    path = tmp_path / "a.json"
    write_json(path, 1)
    program = (
        "import os, sys; from pathlib import Path; from emnist_core.files import write_atomically\n"
        "with write_atomically(Path(sys.argv[1])) as temporary:\n"
        "    temporary.write_text('half'); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", program, path], cwd=paths.PROJECT, check=False)
    assert done.returncode == -9
    assert read_json(path) == 1


def test_readers_beside_a_writer_never_see_half(tmp_path: Path):
    path = tmp_path / "a.json"
    write_json(path, [0] * 1000)
    program = (
        "import sys; from pathlib import Path; from emnist_core.files import write_json\n"
        "for i in range(300): write_json(Path(sys.argv[1]), [i] * 1000)"
    )
    writer = subprocess.Popen([sys.executable, "-c", program, path], cwd=paths.PROJECT)
    seen = set()
    while writer.poll() is None:
        numbers = json.loads(path.read_text())
        assert len(numbers) == 1000
        assert len(set(numbers)) == 1
        seen.add(numbers[0])
    assert writer.returncode == 0
    assert len(seen) > 1


def test_others_may_read_the_file(tmp_path: Path):
    write_json(tmp_path / "a.json", 1)
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == 0o644


@pytest.fixture
def settled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is kept from its first reading on, however young it is."""
    monkeypatch.setattr(files, "SETTLED", 0.0)


@pytest.mark.usefixtures("settled_at_once")
def test_a_file_that_stays_as_it_is_is_opened_once(tmp_path: Path):
    write_json(tmp_path / "a.json", 1)
    with files_opened() as opened:
        assert [read_json(tmp_path / "a.json") for _ in range(3)] == [1, 1, 1]
    assert opened == [str(tmp_path / "a.json")]


RENEWALS = {
    "renamed over": "write_json(path, 2)",
    "written in place": "path.write_text('2\\n')",
    "written in place, with its old time": "path.write_text('2\\n'); os.utime(path, ns=(0, time))",
}


@pytest.mark.usefixtures("settled_at_once")
@pytest.mark.parametrize("renewal", RENEWALS.values(), ids=RENEWALS)
def test_a_file_that_another_process_renewed_is_read_again(renewal: str, tmp_path: Path):
    path = tmp_path / "a.json"
    write_json(path, 1)
    assert read_json(path) == 1
    program = (
        "import os, sys; from pathlib import Path; from emnist_core.files import write_json\n"
        f"path = Path(sys.argv[1]); time = path.stat().st_mtime_ns; {renewal}"
    )
    subprocess.run([sys.executable, "-c", program, path], cwd=paths.PROJECT, check=True)
    assert read_json(path) == 2
    path.unlink()
    with pytest.raises(FileNotFoundError):
        read_json(path)


def test_a_young_file_is_read_anew_since_a_coarse_clock_may_hide_that_it_was_written_twice(tmp_path: Path):
    path = tmp_path / "a"
    path.write_bytes(b"0")
    with files_opened() as opened:
        read_bytes(path)
        read_bytes(path)
    assert len(opened) == 2


@pytest.mark.usefixtures("settled_at_once")
def test_of_many_and_of_large_files_only_some_are_kept(tmp_path: Path):
    large = tmp_path / "large"
    large.write_bytes(bytes(files.LARGEST_KEPT + 1))
    with files_opened() as opened:
        assert read_bytes(large) == read_bytes(large)
    assert len(opened) == 2
    for number in range(files.MOST_KEPT + 9):
        (tmp_path / str(number)).write_bytes(b"0")
        read_bytes(tmp_path / str(number))
    with files_opened() as opened:
        read_bytes(tmp_path / str(files.MOST_KEPT))
        read_bytes(tmp_path / "0")
    assert opened == [str(tmp_path / "0")]
