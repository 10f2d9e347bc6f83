"""A run as a zip, and out of one: what is whole comes back the same, and what is hostile leaves nothing behind."""

import hashlib
import io
import json
import shutil
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emnist_core import hosting, paths, runs
from emnist_core.collection import packed, packing, unpacking
from emnist_core.errors import RunError
from emnist_core.evaluation.store import stored_evaluations
from emnist_core.processes import Worker
from emnist_core.recipe import Recipe
from emnist_core.runs import Run, checksums, notes, space
from emnist_core.serving.recognizer import recognizer
from tests.helpers.shipped import copy_of

Files = dict[str, bytes]


def zip_of(run: Run) -> bytes:
    target = io.BytesIO()
    packing.pack(run, target)
    return target.getvalue()


def unpack(content: bytes, name: str | None = None) -> Run:
    return unpacking.unpack(io.BytesIO(content), name)


def files_of(folder: Path) -> Files:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def small_files(**others: bytes) -> Files:
    """The files of a run without models, and others."""
    status = {"state": "finished", "epochs": 1, "started": "2026-01-01T00:00:00+00:00"}
    files = {"recipe.json": Recipe().model_dump_json().encode(), "status.json": json.dumps(status).encode()}
    return files | others


def summed(files: Files) -> Files:
    """The files and, for each folder, their checksums."""
    sums: dict[str, dict[str, str]] = {}
    for name, content in files.items():
        folder, _, last = name.rpartition("/")
        if last != "notes.json":
            sums.setdefault(folder + "/" * bool(folder), {})[last] = hashlib.sha256(content).hexdigest()
    return files | {f"{folder}checksums.json": json.dumps(noted).encode() for folder, noted in sums.items()}


def zipped(files: Files, folder: str = "theirs/", change: Callable[[zipfile.ZipInfo], None] = lambda _: None) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(folder + name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            change(entry)
            archive.writestr(entry, content)
    return target.getvalue()


def npz(**arrays: np.ndarray) -> bytes:
    target = io.BytesIO()
    np.savez_compressed(target, **arrays)
    return target.getvalue()


def assert_refused(content: bytes, match: str | None = None, name: str | None = None) -> None:
    """The zip is refused in a sentence, and nothing of it is anywhere in EMNIST_HOME."""
    before = files_of(paths.home())
    with pytest.raises(RunError, match=match) as refused:
        unpack(content, name)
    assert str(refused.value).endswith((".", ".)"))
    assert "\n" not in str(refused.value)
    assert files_of(paths.home()) == before


# What is whole


def test_a_run_comes_back_as_it_was_and_answers_the_same(home: Path) -> None:
    shipped = runs.find("lenet5-v2")
    back = unpack(zip_of(shipped), "mine")
    own, theirs = files_of(back.path), files_of(shipped.path)
    renewed = {"README.md", "status.json", "checksums.json", "notes.json"}
    assert set(own) == set(theirs) | {"notes.json"}
    assert {name for name in theirs if own[name] != theirs[name]} <= renewed
    assert checksums.damaged(back.path) in ([], [back.path / "README.md"])
    image = np.random.default_rng(1).integers(0, 255, (1, 28, 28), np.uint8)
    assert np.array_equal(recognizer(back).probabilities(image), recognizer(shipped).probabilities(image))
    assert notes.read(back).imported is not None
    assert files_of(home / "runs" / ".importing") == {}


def test_a_zip_is_the_same_each_time_and_says_nothing_of_where_it_was_trained(home: Path) -> None:
    run = copy_of("lenet5", home / "runs")
    status = run.status()
    status.worker, status.visitor, status.turn, status.message = Worker.this(), "a visitor", 3.0, "Stopped."
    run.write_status(status)
    for name in ("log.txt", "checkpoint.npz", ".reserve", "private.txt"):
        (run.path / name).write_text(name)
    content = zip_of(run)
    assert content == zip_of(run)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not [name for name in archive.namelist() if packed.largest(name.partition("/")[2]) is None]
        told = json.loads(archive.read("lenet5/status.json"))
    assert [told[name] for name in ("worker", "visitor", "turn", "message")] == [None] * 4


def test_notes_come_along_and_names_and_marks_do_not(home: Path) -> None:
    run = copy_of("lenet5", home / "runs")
    notes.change(run, owner="Ada", tags=["a"], former_names=("b",), archived=True, shown=True)
    said = notes.read(unpack(zip_of(run), "again"))
    assert (said.owner, said.tags) == ("Ada", ("a",))
    assert (said.former_names, said.archived, said.shown) == ((), False, None)


def test_whose_it_was_elsewhere_says_nothing_here() -> None:
    files = small_files()
    status = json.loads(files["status.json"]) | {"visitor": "somebody"}
    content = zipped(summed(files | {"status.json": json.dumps(status).encode()}))
    assert unpack(content).status().visitor is None
    assert unpacking.unpack(io.BytesIO(content), "mine", "me").status().visitor == "me"


def test_a_damaged_run_and_one_in_training_are_not_exported(home: Path) -> None:
    run = Run(Path(shutil.copytree(paths.SHIPPED_RUNS / "lenet5", home / "runs" / "mine")))
    (run.path / "metrics.jsonl").write_bytes(b"")
    with pytest.raises(RunError, match=r"mine is damaged and is not exported: metrics\.jsonl\."):
        zip_of(run)
    status = run.status()
    status.state, status.worker = "training", Worker.this()
    run.write_status(status)
    with pytest.raises(RunError, match="being trained"):
        zip_of(run)


def test_a_name_that_is_taken_is_told_and_another_can_be_given() -> None:
    content = zipped(summed(small_files()), "lenet5/")
    assert_refused(content, "run that ships is called lenet5")
    assert unpack(content, "mine").name == "mine"
    assert_refused(content, "There is a run called mine already", "mine")
    assert_refused(content, "cannot name a run", "../mine")


def test_a_run_that_has_no_room_is_refused_before_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(space.VARIABLE, "0.0000001")
    assert_refused(zipped(summed(small_files())), "Runs trained here take")


# What is hostile


@pytest.mark.parametrize(
    "name",
    [
        "../../evil", "/etc/passwd", "C:\\evil", "..\\..\\evil", "recipe.json/../../evil", "code.py", "model.pkl",
        "epochs/../../x.npz", "epochs/1.npz", "evaluation/balanced-test-0/metrics.json", "", "sub/", "recipe.json ",
        "Recipe.json", "recipe.json\x00.txt", "log.txt", "checkpoint.npz", "metrics.jsonl\n",
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_no_run_has_is_refused(name: str) -> None:
    assert_refused(zipped(summed(small_files()) | {name: b"x"}), "This is no run")


@pytest.mark.parametrize("folder", ["", "/", "../", "a/b/", "..\\x/", "C:/", "con/", ".hidden/", "a\n/"])
def test_a_folder_that_cannot_name_a_run_is_refused(folder: str) -> None:
    assert_refused(zipped(summed(small_files()), folder))


def test_links_devices_and_encrypted_files_are_refused() -> None:
    for kind in (stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFDIR):

        def change(entry: zipfile.ZipInfo, kind: int = kind) -> None:
            entry.external_attr = (kind | 0o777) << 16

        assert_refused(zipped(summed(small_files()), change=change), "it holds")
    content = bytearray(zipped(summed(small_files())))
    content[content.rindex(b"PK\1\2") + 8] |= 1
    assert_refused(bytes(content), "it holds")


def test_a_file_that_is_there_twice_is_refused() -> None:
    target = io.BytesIO(zipped(summed(small_files())))
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(target, "a") as archive:
        archive.writestr("theirs/recipe.json", b"{}")
    assert_refused(target.getvalue(), "it holds 'theirs/recipe.json'")


def test_a_bomb_is_refused_by_the_size_that_it_declares() -> None:
    assert_refused(zipped(summed(small_files(**{"metrics.jsonl": bytes(21_000_000)}))), "of at most 20,000,000")


@pytest.mark.parametrize("declared", [1, 1000])
def test_a_bomb_is_refused_by_the_size_that_it_has(declared: int) -> None:
    """Its declared size is false, in the directory and before the file."""
    content = bytearray(zipped(summed(small_files(**{"metrics.jsonl": bytes(10_000_000)}))))
    size = struct.pack("<I", 10_000_000)
    assert content.count(size) == 2
    assert_refused(bytes(content.replace(size, struct.pack("<I", declared))), "This is no run")


def test_a_list_of_a_million_files_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytearray(zipped(summed(small_files())))
    content[-10:-6] = struct.pack("<I", 2_000_000)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    for hostile in (bytes(content), content[:-22] + b"PK\6\7" + bytes(16) + content[-22:], bytes(content) + b"x", b""):
        assert_refused(bytes(hostile), "its list of files is another")


@pytest.mark.parametrize("sums", [b"{}", b"[]", b"{", b"[" * 100_000, b'{"recipe.json": 3, "status.json": null}'])
def test_files_without_sums_are_refused(sums: bytes) -> None:
    assert_refused(zipped(small_files() | {"checksums.json": sums}), "This is no run")


def test_a_file_that_is_not_as_it_was_summed_is_refused() -> None:
    files = summed(small_files())
    assert_refused(
        zipped(files | {"recipe.json": files["recipe.json"].replace(b"512", b"513")}), "not as it was written"
    )
    assert_refused(zipped(files | {"README.md": b"no sum"}), "checksums are not those")
    assert_refused(zipped({name: files[name] for name in files if name != "status.json"}), "status.json")


@pytest.mark.parametrize(
    "files",
    [
        {"status.json": json.dumps({"state": "training"}).encode()},
        {"status.json": json.dumps({"state": "queued", "turn": 1}).encode()},
        {"status.json": b"[" * 50_000},
        {"recipe.json": b"{}{"},
        {"recipe.json": b'{"model": "os.system"}'},
        {"notes.json": b'{"tags": "x"}'},
        {"notes.json": b'{"title": "![x](http://elsewhere)"}'},
        {"status.json": b'{"state": "failed", "started": "2026-01-01", "message": "<img src=x>"}'},
        {"status.json": b'{"state": "failed", "started": "yesterday"}'},
        {"status.json": b'{"state": "failed", "started": "2026-01-01", "seconds": NaN}'},
        {"metrics.jsonl": b'{"kind": "epoch", "accuracy": "high"}'},
        {"metrics.jsonl": b'{"kind": "other"}'},
        {f"evaluation/balanced-test-{'0' * 12}/metrics.json": b'{"data": {"name": "[a](b)"}}'},
        {f"evaluation/balanced-test-{'0' * 12}/metrics.json": b"[]"},
        {"serving.json": b"{}"},
        {"trained_on.npy": b"no array"},
        {"epochs/001.npz": b"PK"},
        {"epochs/001.npz": npz(classes=np.array([print], object))},
        {"epochs/001.npz": npz(others=np.zeros(3))},
        {"model.keras": b"PK"},
        {"model.keras": zipped({"model.weights.h5": bytes(6_000_000)}, "")},
        {"model.keras": zipped({"model.weights.h5": b"", "../x": b""}, "")},
        {"model.keras": zipped({"config.json": b"{}"}, "")},
        {"model.tflite": b"TFL3" * 100},
    ],
    ids=lambda files: " ".join(files),
)  # fmt: skip
def test_what_its_sum_fits_and_no_run_of_ours_holds_is_refused(files: Files) -> None:
    small = small_files() | {"recipe.json": Recipe(model="lenet5").model_dump_json().encode()}
    assert_refused(zipped(summed(small | files)))


def test_an_array_that_would_take_more_than_its_file_is_refused() -> None:
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<u8", "fortran_order": False, "shape": (10**13,)})
    assert_refused(zipped(summed(small_files(**{"trained_on.npy": head.getvalue()}))), "holds no arrays")
    bomb = zipped({"classes.npy": bytes(201_000_000)}, "")
    assert len(bomb) < 1_000_000
    assert_refused(zipped(summed(small_files() | {"epochs/001.npz": bomb})), "holds no arrays")


@pytest.mark.parametrize(("rows", "is_sound"), [([0, 2], True), ([2, 0], False), ([0, 3], False), ([-1, 0], False)])
def test_an_evaluation_of_images_that_its_data_cannot_have_is_refused(rows: list[int], is_sound: bool) -> None:
    seen = io.BytesIO()
    np.save(seen, np.array([7], np.uint64))
    data = {"name": "made up", "sha256": "0" * 64, "is_sample": True}
    metrics = {"serving_sha256": None, "left_out": 1, "n": 2, "split": "balanced", "part": "test", "data": data}
    answers = npz(true=np.zeros(2, np.uint8), probabilities=np.ones((2, 47), np.float16) / 47, rows=np.array(rows))
    folder = f"evaluation/balanced-test-{'0' * 12}"
    others = {f"{folder}/metrics.json": json.dumps(metrics).encode(), f"{folder}/predictions.npz": answers}
    content = zipped(summed(small_files(**{"trained_on.npy": seen.getvalue()}, **others)))
    if is_sound:
        assert stored_evaluations(unpack(content))[0].n == 2
    else:
        assert_refused(content, "names images that its data cannot have")


def test_the_serving_model_of_another_architecture_is_refused() -> None:
    other = (paths.SHIPPED_RUNS / "vanilla-cnn" / "model.tflite").read_bytes()
    files = small_files() | {"recipe.json": Recipe(model="lenet5", split="digits").model_dump_json().encode()}
    assert_refused(zipped(summed(files | {"model.tflite": other})), r"model\.tflite of the run theirs is no lenet5")


FILES = small_files(**{"metrics.jsonl": b'{"kind": "step"}\n' * 50})
WHOLE = zipped(summed(FILES | {"notes.json": b"{}"}))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=4), st.integers(0, 60))
def test_a_zip_that_was_damaged_anywhere_is_refused_or_gives_the_same_run(
    changes: list[tuple[int, int]], cut: int
) -> None:
    content = bytearray(WHOLE)
    for place, value in changes:
        content[place] = value
    before = files_of(paths.home())
    try:
        run = unpack(bytes(content[: len(content) - cut] if cut < 30 else content), "damaged")
    except RunError:
        assert files_of(paths.home()) == before
        return
    kept = files_of(run.path)
    shutil.rmtree(run.path)
    assert json.loads(kept.pop("status.json"))["state"] == "finished"
    assert {name: content for name, content in kept.items() if name in FILES} == {
        name: content for name, content in FILES.items() if name != "status.json"
    }


@pytest.mark.filterwarnings("ignore:Duplicate name")
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(max_size=30), st.binary(max_size=100), max_size=5), st.text(max_size=20))
def test_whatever_a_zip_holds_nothing_is_written_elsewhere(files: Files, folder: str) -> None:
    try:
        content = zipped(files, folder)
    except ValueError:
        return  # a lone surrogate, which no zip can hold
    assert_refused(content)


def test_on_a_hosted_app_importing_is_off_unless_it_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(hosting.HOSTED, "1")
    assert "EMNIST_ALLOW_IMPORTING=1" in (hosting.refusal("import") or "")
