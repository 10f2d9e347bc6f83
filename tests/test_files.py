"""Files are whole or not there."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from emnist_core import paths
from emnist_core.files import read_json, write_atomically, write_json


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
