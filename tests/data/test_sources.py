"""Every source by its name: Hugging Face over a server here, Kaggle by a stand-in, other tools' folders."""

import hashlib
import json
import sys
import types
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from emnist_core import data
from emnist_core.data import cache, fetching, sources, web
from emnist_core.data.sources import huggingface
from emnist_core.data.sources.huggingface import HuggingFace
from emnist_core.errors import DataError
from emnist_core.splits import get_split
from tests.helpers import nist, server

LETTERS = get_split("letters")
FILES = nist.part_files("letters", "train", 60, 1) | nist.part_files("letters", "test", 30, 2)
COMMIT = "0123456789abcdef0123456789abcdef01234567"
PINNED = huggingface.REVISION


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "PAUSE", 0.001)


def assert_fetched(source: str | Path | None) -> None:
    fetched = fetching.fetch("letters", source)
    for one, (count, seed) in zip(fetched, ((60, 1), (30, 2)), strict=True):
        images, labels = nist.random_rows(LETTERS, count, seed)
        np.testing.assert_array_equal(one.dataset.images, images)
        np.testing.assert_array_equal(one.dataset.labels, labels)


def refused(source: str, part="test") -> str:
    with pytest.raises(DataError) as caught:
        fetching.fetch("letters", source, [part])
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_every_source_has_a_title_and_a_name_to_ask_for_it_by():
    assert list(sources.SOURCES)[:3] == ["nist", "huggingface", "kaggle"]
    assert all(kind.title for kind in sources.SOURCES.values())


# Hugging Face


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[server.Manners]:
    """The two addresses of Hugging Face that a fetch asks."""
    listed = [{"rfilename": "README.md", "size": 10}]
    listed += [
        {"rfilename": name, "size": len(body), "lfs": {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body)}}
        for name, body in FILES.items()
    ]
    answer = json.dumps({"id": huggingface.DATASET, "sha": COMMIT, "siblings": listed}).encode()
    content = {"/api/datasets/Heliosoph/EMNIST/revision/main?blobs=true": answer}
    content |= {f"/datasets/Heliosoph/EMNIST/resolve/{COMMIT}/{name}": body for name, body in FILES.items()}
    with server.running(content) as manners:
        monkeypatch.setattr(HuggingFace, "base", manners.url)
        monkeypatch.setattr(huggingface, "REVISION", "main")  # so that a test may move it on
        monkeypatch.delenv(huggingface.REVISION_VARIABLE, raising=False)
        yield manners


def test_huggingface(hub: server.Manners):
    assert_fetched("huggingface")
    manifest = cache.read_manifest(LETTERS, "test")
    assert manifest["source"].startswith(f"{hub.url}/datasets/Heliosoph/EMNIST/resolve/{COMMIT}/: emnist-letters-test")
    assert fetching.fetch("letters", "huggingface")[0].bytes_downloaded == 0


def test_huggingface_is_pinned_to_a_commit(hub: server.Manners, monkeypatch: pytest.MonkeyPatch):
    assert huggingface.COMMIT.fullmatch(PINNED)
    monkeypatch.setattr(huggingface, "REVISION", PINNED)
    message = refused("huggingface")
    assert f"404 (Not Found) for /api/datasets/Heliosoph/EMNIST/revision/{PINNED}; " in message
    assert "`EMNIST_HF_REVISION=main` with `--again`" in message
    address = "/api/datasets/Heliosoph/EMNIST/revision/"
    listed = hub.content[f"{address}main?blobs=true"].replace(COMMIT.encode(), PINNED.encode())
    hub.content[f"{address}{PINNED}?blobs=true"] = listed
    for name, body in FILES.items():
        hub.content[f"/datasets/Heliosoph/EMNIST/resolve/{PINNED}/{name}"] = body
    assert_fetched("huggingface")
    assert revisions() == [PINNED, PINNED]


def test_huggingface_at_another_revision(hub: server.Manners, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(huggingface.REVISION_VARIABLE, "v1")
    assert "answered 404 (Not Found) for /api/datasets/Heliosoph/EMNIST/revision/v1" in refused("huggingface")
    main = "/api/datasets/Heliosoph/EMNIST/revision/main?blobs=true"
    hub.content["/api/datasets/Heliosoph/EMNIST/revision/v1?blobs=true"] = hub.content[main]
    assert_fetched("huggingface")


def moved_on(hub: server.Manners, commit: str) -> None:
    """Let the mirror have a new commit that ``main`` stands for, with the same files; the old one stays."""
    address = "/api/datasets/Heliosoph/EMNIST/revision/"
    answer = hub.content[f"{address}main?blobs=true"]
    hub.content[f"{address}{COMMIT}?blobs=true"] = answer
    hub.content[f"{address}main?blobs=true"] = answer.replace(COMMIT.encode(), commit.encode())
    for name, body in FILES.items():
        hub.content[f"/datasets/Heliosoph/EMNIST/resolve/{commit}/{name}"] = body


def revisions() -> list[str | None]:
    return [cache.read_manifest(LETTERS, part)["revision"] for part in ("train", "test")]


def test_huggingface_keeps_to_the_commit_that_the_first_part_came_from(hub: server.Manners):
    fetching.fetch("letters", "huggingface", ["train"])
    later = "f" * 40
    moved_on(hub, later)
    assert_fetched("huggingface")
    assert revisions() == [COMMIT, COMMIT]
    fetching.fetch("letters", "huggingface", ["test"], again=True)
    assert revisions() == [COMMIT, later]
    fetching.fetch("letters", "huggingface", again=True)
    assert revisions() == [later, later]


def test_huggingface_where_the_variable_names_another_commit(hub: server.Manners, monkeypatch: pytest.MonkeyPatch):
    fetching.fetch("letters", "huggingface", ["train"])
    moved_on(hub, "f" * 40)
    monkeypatch.setenv(huggingface.REVISION_VARIABLE, "main")
    fetching.fetch("letters", "huggingface", ["test"])
    assert revisions() == [COMMIT, "f" * 40]


def test_huggingface_without_the_commit_that_was_kept(hub: server.Manners):
    fetching.fetch("letters", "huggingface", ["train"])
    message = refused("huggingface")
    assert f"404 (Not Found) for /api/datasets/Heliosoph/EMNIST/revision/{COMMIT}; " in message
    assert "`EMNIST_HF_REVISION=main` with `--again`" in message
    hub.content[f"/api/datasets/Heliosoph/EMNIST/revision/{COMMIT}?blobs=true"] = json.dumps(
        {"sha": "e" * 40, "siblings": []}
    ).encode()
    assert f"another commit than {COMMIT}" in refused("huggingface")


def test_huggingface_with_rows_that_are_not_the_official_ones(hub: server.Manners):
    files = nist.part_files("balanced", "test", 40, 3)
    listed = [
        {"rfilename": n, "size": len(b), "lfs": {"sha256": hashlib.sha256(b).hexdigest()}} for n, b in files.items()
    ]
    answer = json.dumps({"sha": COMMIT, "siblings": listed}).encode()
    hub.content["/api/datasets/Heliosoph/EMNIST/revision/main?blobs=true"] = answer
    hub.content |= {f"/datasets/Heliosoph/EMNIST/resolve/{COMMIT}/{name}": body for name, body in files.items()}
    with pytest.raises(DataError, match="other labels than the official Balanced test part"):
        fetching.fetch("balanced", "huggingface", ["test"])
    assert data.installed().empty


def test_huggingface_with_other_bytes_than_its_commit_lists(hub: server.Manners):
    name = "emnist-letters-test-labels-idx1-ubyte.gz"
    other = nist.part_files("letters", "test", 30, 9)[name]
    hub.content[f"/datasets/Heliosoph/EMNIST/resolve/{COMMIT}/{name}"] = other
    message = refused("huggingface")
    assert f"from the Hugging Face mirror, because {name} arrives damaged" in message
    assert "--source kaggle`." in message


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b"{}", b'{"sha": "x", "siblings": [1]}', b"\xff"])
def test_huggingface_with_another_interface(hub: server.Manners, answer: bytes):
    hub.content["/api/datasets/Heliosoph/EMNIST/revision/main?blobs=true"] = answer
    assert "list" in refused("huggingface")


@pytest.mark.usefixtures("hub")
def test_huggingface_lacks_splits():
    with pytest.raises(DataError, match="has no Digits files"):
        fetching.fetch("digits", "huggingface")


# Kaggle


@pytest.fixture
def kaggle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for kagglehub that has CSV files in a folder."""
    folder = tmp_path / "kaggle"
    for part, count, seed in (("train", 60, 1), ("test", 30, 2)):
        images, labels = nist.random_rows(LETTERS, count, seed)
        nist.write_folder(folder, {f"emnist-letters-{part}.csv": nist.csv(images, labels, LETTERS)})

    def dataset_download(handle: str, path: str | None = None, *, force_download: bool = False) -> str:
        assert (handle, force_download) == ("crawford/emnist", False)
        print("Downloading …")
        if path is None or not (folder / path).exists():
            raise ValueError("403 Client Error.\n\nYou don't have permission to access the resource.")
        return str(folder / path)

    module = types.ModuleType("kagglehub")
    module.dataset_download = dataset_download  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "kagglehub", module)
    return folder


@pytest.mark.usefixtures("kaggle")
def test_kaggle(capsys: pytest.CaptureFixture[str]):
    assert_fetched("kaggle")
    assert capsys.readouterr().out == "", "stdout is for the answer"


def test_kaggle_that_hands_over_an_archive(kaggle: Path):
    for file in list(kaggle.iterdir()):
        content = file.read_bytes()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(file.name, content)
    assert_fetched("kaggle")


def test_kaggle_without_leave_or_library(kaggle: Path, monkeypatch: pytest.MonkeyPatch):
    (kaggle / "emnist-letters-test.csv").unlink()
    message = refused("kaggle")
    assert "because kagglehub could not fetch emnist-letters-test.csv (403 Client Error); try" in message
    assert "--source nist`." in message
    monkeypatch.setitem(sys.modules, "kagglehub", None)
    assert "because it needs kagglehub, which `pip install kagglehub` brings" in refused("kaggle")


# Other tools' folders


def tfds_folder(home: Path) -> Path:
    return home / "tensorflow_datasets" / "downloads"


TOOLS = {
    "torchvision": lambda home: nist.write_folder(home / "data" / "EMNIST" / "raw", FILES),
    "tfds": lambda home: nist.write_folder(
        tfds_folder(home) / "extracted" / "ZIP.biometrics.nist.gov_cs_links_EMNIST_gzipAbC.zip" / "gzip", FILES
    ),
    "emnist": lambda home: nist.write_zip(
        nist.write_folder(home / ".cache" / "emnist", {}) / "emnist.zip",
        {f"gzip/{name}": body for name, body in FILES.items()},
    ),
}


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's empty home folder."""
    folder = tmp_path / "person"
    folder.mkdir()
    monkeypatch.setattr(Path, "home", lambda: folder)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("TFDS_DATA_DIR", raising=False)
    return folder


@pytest.mark.parametrize("tool", TOOLS)
def test_what_a_tool_left_is_found(user: Path, tool: str):
    assert "it has left no EMNIST on this machine" in refused(tool)
    TOOLS[tool](user)
    assert_fetched(tool)


def test_tfds_in_a_folder_of_ones_own_and_still_packed(user: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(user / "elsewhere"))
    folder = nist.write_folder(user / "elsewhere" / "downloads", {})
    nist.write_zip(
        folder / "itl.nist.gov_iaui_vip_cs_links_EMNIST_gzipX.zip", {f"gzip/{n}": b for n, b in FILES.items()}
    )
    assert_fetched("tfds")


@pytest.mark.parametrize("tool", TOOLS)
def test_what_a_tool_left_half_done_is_no_trap(user: Path, tool: str):
    place = TOOLS[tool](user)
    if place.is_dir():
        for file in place.iterdir():
            file.unlink()
    else:
        place.write_bytes(place.read_bytes()[:1000])
    assert "it has left no EMNIST" in refused(tool)


@pytest.mark.parametrize("subfolder", ["", "EMNIST/raw", "raw"])
def test_a_root_of_torchvision_by_path(tmp_path: Path, subfolder: str):
    nist.write_folder(tmp_path / "root" / subfolder, FILES)
    assert_fetched(tmp_path / "root")


@pytest.mark.parametrize("name", ["gzip.zip", "emnist.zip"])
def test_a_folder_with_nothing_but_the_archive(tmp_path: Path, name: str):
    nist.write_zip(tmp_path / name, {f"gzip/{name}": body for name, body in FILES.items()})
    assert_fetched(tmp_path)
    assert str(tmp_path / name) in cache.read_manifest(LETTERS, "test")["source"]


def test_a_path_as_text_is_a_path(tmp_path: Path):
    assert_fetched(str(nist.write_folder(tmp_path / "here", FILES)))
