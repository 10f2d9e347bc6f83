"""`pack` and `unpack`: a run goes along in a zip."""

from pathlib import Path

from emnist_core.runs import Run
from tests.helpers.command_line import Call


def test_a_run_is_packed_and_unpacked_under_another_name(call: Call, run: Run, tmp_path: Path) -> None:
    again = run.path.rename(run.path.with_name("mine"))
    target = tmp_path / "mine.zip"
    packed = call("pack", "mine", "--to", target, "--json").json
    assert packed == {"run": "mine", "zip": str(target), "bytes": target.stat().st_size}
    taken = call("unpack", target)
    assert (taken.status, taken.out) == (2, "")
    assert "There is a run called mine already" in taken.err
    unpacked = call("unpack", target, "--name", "theirs", "--json").json
    assert Path(unpacked["run"]) == again.with_name("theirs")
    assert (again.with_name("theirs") / "model.keras").read_bytes() == (again / "model.keras").read_bytes()
