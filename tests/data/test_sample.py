"""The bundled sample: its arrays, its balance and the licences of its fonts."""

import io
import json
import zipfile

import numpy as np
import pytest

from emnist_core import paths
from emnist_core.splits import BYMERGE_LABELS
from tools.make_sample import FONTS, npz_bytes

FOLDER = paths.PROJECT / "emnist_core/data"
SAMPLE = FOLDER / "sample.npz"


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    with np.load(SAMPLE, allow_pickle=False) as archive:
        return dict(archive)


@pytest.fixture(scope="module")
def fonts() -> list[dict[str, str]]:
    return json.loads((FOLDER / "sample_fonts.json").read_text(encoding="utf-8"))


def test_the_file_is_small() -> None:
    assert SAMPLE.stat().st_size <= 4_000_000


@pytest.mark.parametrize(("part", "per_class"), [("train", 120), ("test", 40)])
def test_every_class_has_the_same_number_of_images(arrays: dict[str, np.ndarray], part: str, per_class: int) -> None:
    images, labels = arrays[f"{part}_images"], arrays[f"{part}_labels"]
    assert images.dtype == labels.dtype == np.uint8
    assert images.shape == (47 * per_class, 28, 28)
    assert np.array_equal(np.bincount(labels), np.full(len(BYMERGE_LABELS), per_class))


def test_any_tail_of_train_is_balanced_and_shuffled(arrays: dict[str, np.ndarray]) -> None:
    labels = arrays["train_labels"]
    for rows in (470, 1000, 1410):
        counts = np.bincount(labels[-rows:], minlength=47)
        assert np.ptp(counts) <= 1
    assert not np.array_equal(labels[:47], labels[47:94])


def test_no_image_is_there_twice(arrays: dict[str, np.ndarray]) -> None:
    images = np.concatenate([arrays["train_images"], arrays["test_images"]])
    assert len({image.tobytes() for image in images}) == len(images)


def test_nothing_in_it_is_a_pickle() -> None:
    with zipfile.ZipFile(SAMPLE) as archive:
        for name in archive.namelist():
            header = archive.read(name)[:128]
            assert b"|u1" in header, f"{name} is not plain bytes"


@pytest.mark.slow
def test_packing_depends_on_the_arrays_alone(arrays: dict[str, np.ndarray]) -> None:
    packed = npz_bytes(arrays)
    assert packed == npz_bytes(arrays)
    with zipfile.ZipFile(io.BytesIO(packed)) as new, zipfile.ZipFile(SAMPLE) as old:
        assert [(i.filename, i.date_time, i.CRC) for i in new.infolist()] == [
            (i.filename, i.date_time, i.CRC) for i in old.infolist()
        ]


def test_train_and_test_share_no_font(fonts: list[dict[str, str]]) -> None:
    parts = {part: {font["family"] for font in fonts if font["part"] == part} for part in ("train", "test")}
    assert not parts["train"] & parts["test"]
    assert {part: len(names) for part, names in parts.items()} == {p: len(n) for p, n in FONTS.items()}
    assert len(fonts) >= 40
    assert len({font["sha256"] for font in fonts}) == len(fonts)


def test_every_font_is_openly_licensed_and_named_in_the_docs(fonts: list[dict[str, str]]) -> None:
    page = (FOLDER.parent.parent / "docs/sample.md").read_text(encoding="utf-8")
    for font in fonts:
        assert font["licence"] in {"OFL-1.1", "Apache-2.0"}
        assert f"| {font['family']} | `{font['package']}@{font['version']}` | {font['part']} |" in page


def test_the_docs_tell_the_statistics_of_this_file() -> None:
    from tools.make_sample import statistics_table

    page = (FOLDER.parent.parent / "docs/sample.md").read_text(encoding="utf-8")
    assert statistics_table(SAMPLE.read_bytes()) in page
