"""PCA, odd images, near-duplicates and the map, against scikit-learn and plain loops."""

import importlib.util

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from emnist_core import data
from emnist_core.data import Dataset
from emnist_core.data.dataset import content_hash
from emnist_core.data.streaming import spread_rows
from emnist_core.errors import DataError
from emnist_core.explore import atlas, duplicates, pca, statistics
from tests.helpers.noise import noise


@pytest.fixture(scope="module")
def sample() -> Dataset:
    return data.load("balanced", "test", "sample")


def test_directions_are_scikit_learns(sample: Dataset) -> None:
    found = pca.fit(sample.images, 8)
    flat = sample.images.reshape(len(sample), -1) / 255
    theirs = PCA(8, svd_solver="covariance_eigh").fit(flat)
    agreement = np.abs((found.directions.T * theirs.components_).sum(axis=1))
    assert agreement == pytest.approx(np.ones(8), abs=1e-3)
    assert np.abs(found.project(sample.images)) == pytest.approx(np.abs(theirs.transform(flat)), abs=0.02)


def test_plane_is_scikit_learns_pca() -> None:
    points = np.random.default_rng(0).normal(size=(50, 6)).astype(np.float32) * np.arange(1, 7, dtype=np.float32)
    found, expected = pca.plane(points), PCA(2).fit_transform(points)
    for axis in range(2):
        assert abs(np.corrcoef(found[:, axis], expected[:, axis])[0, 1]) == pytest.approx(1, abs=1e-5)
        assert found[:, axis].std() == pytest.approx(expected[:, axis].std(), rel=1e-4)
    assert pca.plane(points[:2]).shape == (2, 2)


@pytest.mark.parametrize(("available", "most"), [(1, 5), (5, 5), (7, 3), (1000, 999)])
def test_spread_rows(available: int, most: int) -> None:
    rows = spread_rows(available, most)
    assert len(rows) == min(available, most)
    assert (np.diff(rows) > 0).all()
    assert rows[0] == 0
    assert rows[-1] == available - 1 or most == 1


def test_the_oddest_is_the_one_put_in(sample: Dataset) -> None:
    images = sample.images.copy()
    images[77] = 255 - images[77]
    changed = Dataset(sample.split, "test", images, sample.labels, content_hash(images, sample.labels), "x", False)
    frame = statistics.outliers(changed)
    assert frame["row"][0] == 77
    assert sorted(frame["row"]) == list(range(len(sample)))
    assert frame["oddity"].is_monotonic_decreasing
    own = frame[frame["label"] == 5]["oddity"]
    assert np.median(own) == pytest.approx(0, abs=0.05)


def test_nearest_is_scikit_learns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "BLOCK", (7, 11))
    random = np.random.default_rng(1)
    points, others = (random.random((n, 6)).astype(np.float32) for n in (50, 90))
    expected = NearestNeighbors(n_neighbors=1).fit(others).kneighbors(points, return_distance=False)[:, 0]
    assert np.array_equal(duplicates.nearest(points, others), expected)


def test_duplicates_put_in_are_found(sample: Dataset) -> None:
    train = data.load("balanced", "train", "sample")
    images = sample.images[:300].copy()
    images[10], images[20] = train.images[5], train.images[9]
    images[30] = np.where(train.images[40] > 3, train.images[40] - 3, 0)
    labels = sample.labels[:300]
    test = Dataset(sample.split, "test", images, labels, content_hash(images, labels), "x", False)
    frame = duplicates.duplicates(test, train)
    assert len(frame) == 300
    exact = frame[frame["is_exact"]]
    assert {(10, 5), (20, 9)} <= set(zip(exact["test_row"], exact["train_row"], strict=True))
    assert (exact["difference"] == 0).all()
    near = frame[frame["test_row"] == 30].iloc[0]
    assert near["train_row"] == 40
    assert 0 < near["difference"] < 0.02
    # Whether the nearest along 32 directions is about as near as the nearest of all pixels.
    flat = [one.reshape(len(one), -1) / 255 for one in (images, train.images)]
    away, _ = NearestNeighbors(n_neighbors=1).fit(flat[1]).kneighbors(flat[0])
    found = frame.sort_values("test_row")["difference"] * 28
    assert (found.to_numpy() >= away[:, 0] - 1e-3).all()
    assert np.median(found / np.maximum(away[:, 0], 1e-6)) < 1.1


def test_no_image_stands_in_noise_and_all_stand_in_themselves() -> None:
    one, other = noise(200, seed=1), noise(300, seed=2, part="test")
    assert (duplicates.exact(one.images, other.images) == -1).all()
    assert np.array_equal(duplicates.exact(one.images, one.images), np.arange(200))
    mixed = np.concatenate([other.images[:50], one.images[:30]])
    third = Dataset(other.split, "test", mixed, np.zeros(80, int), "0" * 64, "x", False)
    frame = duplicates.overlaps([one, other, third])
    assert list(frame["shared"]) == [50, 30, 0] or list(frame["shared"]) == [30, 50, 0]
    assert frame["share"].max() == pytest.approx(50 / 80)


@pytest.mark.parametrize("most", [1, 40, 5000])
def test_the_maps_rows_are_even_over_the_classes(most: int, sample: Dataset) -> None:
    rows = atlas.choose_rows(sample.labels, most)
    assert len(rows) == min(most, len(sample)) == len(set(rows))
    counts = np.bincount(sample.labels[rows], minlength=47)
    assert counts.max() - counts.min() <= 1


@pytest.mark.slow
def test_maps_are_the_same_every_time(sample: Dataset) -> None:
    first, second = (atlas.atlas(sample, "pca", 300) for _ in range(2))
    assert first.equals(second)
    assert list(first.columns) == ["row", "label", "x", "y"]
    assert np.array_equal(sample.labels[first["row"]], first["label"])
    tsne = atlas.atlas(sample, "tsne", 120)
    assert np.isfinite(tsne[["x", "y"]]).all(axis=None)
    assert len(tsne) == 120


def test_umap_lays_images_of_a_class_together(sample: Dataset) -> None:
    pytest.importorskip("umap", reason="UMAP is optional: `pip install umap-learn`")
    frame = atlas.atlas(sample, "umap", 600)
    assert list(frame["row"]) == list(atlas.choose_rows(sample.labels, 600))
    near = NearestNeighbors(n_neighbors=1).fit(frame[["x", "y"]]).kneighbors(return_distance=False)[:, 0]
    labels = frame["label"].to_numpy()
    assert (labels[near] == labels).mean() > 10 / 47, "ten times as often as by chance"


def test_a_map_that_cannot_be_made_says_what_to_do(sample: Dataset) -> None:
    with pytest.raises(DataError, match="no map called 'mercator'"):
        atlas.atlas(sample, "mercator", 100)  # type: ignore[arg-type]
    if importlib.util.find_spec("umap") is None:
        with pytest.raises(DataError, match="pip install umap-learn"):
            atlas.atlas(sample, "umap", 100)
