"""Commands in terminals of every kind."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from emnist_core import paths
from emnist_core.cli import output
from tests.helpers.command_line import Call, child


def in_a_terminal(encoding: str) -> dict[str, str]:
    """The environment of a person's terminal, without what another test may have asked of TensorFlow's log."""
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    return environment | {"PYTHONIOENCODING": encoding}


@pytest.mark.parametrize("encoding", ["cp932", "cp1252", "latin-1", "ascii"])
def test_output_in_a_terminal_that_is_not_utf_8(encoding: str, pictures: list[Path], tmp_path: Path):
    picture = pictures[0].rename(tmp_path / "Ωmega é 字.png")

    def printed(*arguments: object) -> str:
        command = [sys.executable, "-m", "emnist_core", *map(str, arguments)]
        environment = in_a_terminal(encoding)
        done = subprocess.run(command, cwd=paths.PROJECT, env=environment, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
        return done.stdout.decode(encoding)

    assert json.loads(printed("predict", picture, "--json"))[0]["file"] == str(picture)
    assert "95 % interval" in printed("evaluate", "lenet5", "--dataset-kind", "sample")


def test_a_mistake_about_a_name_that_the_terminal_lacks_is_a_line_too():
    command = [sys.executable, "-m", "emnist_core", "predict", "Ωmega – 字.png"]
    environment = in_a_terminal("latin-1")
    done = subprocess.run(command, cwd=paths.PROJECT, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert r"\u03a9mega - \u5b57.png" in done.stderr.decode("latin-1")
    assert len(done.stderr.splitlines()) == 1


def test_columns_stand_below_one_another_where_names_are_written_as_escapes(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(output, "screen", Console(file=io.TextIOWrapper(io.BytesIO(), "latin-1"), width=80))
    output.show(None, False, "Runs", [{"name": "наме", "on": "a"}, {"name": "short", "on": "b"}])
    output.screen.file.flush()
    written = output.screen.file.buffer.getvalue().decode("latin-1").splitlines()  # type: ignore[attr-defined]
    rows = [line for line in written if "|" in line]
    assert any(r"\u043d" in line for line in rows)
    assert len({line.index("|") for line in rows}) == 1


@pytest.mark.parametrize("name", ["a [draft].png", "v[/old/a].png", "[bold]b.png", "a :smile: b.png"])
def test_brackets_in_a_path_are_printed_as_they_are(
    call: Call, name: str, pictures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    pictures[0].rename(name)
    answer = call("predict", name)
    assert (answer.status, answer.err) == (0, "")
    assert name in answer.out


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
def test_a_name_does_not_steer_the_terminal(
    call: Call, pictures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "300")
    name = tmp_path / "a\x1b[31m\nb.png"
    pictures[0].rename(name)
    assert r"a\x1b[31m\nb.png" in call("predict", name).out
    answer = call("predict", tmp_path / "\x1b[2Jgone", tmp_path / "gone\nas well")
    assert answer.status == 2
    assert r"\x1b[2Jgone" in answer.err
    assert len(answer.err.splitlines()) == 2


def test_what_c_libraries_log_is_not_among_our_lines_unless_it_was_asked_for(monkeypatch: pytest.MonkeyPatch):
    program = """
import os, sys
from emnist_core.cli.output import prepared_streams
with prepared_streams():
    os.write(2, b"E0000 cuda\\n")
    print("ours", file=sys.stderr)
os.write(2, b"after\\n")
"""
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    assert child(program=program).err == "ours\nafter\n"
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    assert child(program=program).err == "E0000 cuda\nours\nafter\n"


def test_without_a_stderr_commands_answer_and_fail_as_ever():
    def status(*arguments: str) -> int:
        command = ["sh", "-c", 'exec "$@" 2>&-', "sh", sys.executable, "-m", "emnist_core", *arguments]
        return subprocess.run(command, cwd=paths.PROJECT, stdout=subprocess.DEVNULL, check=False).returncode

    assert (status("splits", "--json"), status("evaluate", "nobody")) == (0, 2)
