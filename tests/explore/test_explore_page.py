"""The Explore page's sections, on the sample, on noise in the cache and on real EMNIST where there is some."""

import io
import json
import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from emnist_core import data, paths
from emnist_core.data.dataset import content_hash
from emnist_core.explore import picture, queue, selection
from emnist_core.explore.jobs import Job
from tests.helpers.noise import cached, noise
from tests.helpers.pages import figures, open_page, shown_tiles, sound, words
from widgets.explore import image_map

TABS = ("Gallery", "Classes", "Likeness", "Map", "Twins", "Odd ones", "Making", "Merged letters", "Sample", "Files")
COMPUTED = {"Classes": {"classes"}, "Likeness": {"classes", "nearest-mean"}, "Map": {"pca-2000"}}
BUTTONS = {"Odd ones": "start-outliers", "Twins": "start-duplicates"}


def section(tab: str, **parameters: str | list[str]) -> AppTest:
    """The page opened at a tab."""
    return open_page("explore", **({"tab": tab, "split": "Digits", "part": "test"} | parameters))


def downloads(page: AppTest) -> set[str]:
    """The endings of the files that can be downloaded."""
    return {button.label for button in page.get("download_button")}


@pytest.mark.parametrize("tab", TABS)
def test_every_section_opens_on_the_sample_and_says_what_to_look_for(tab: str) -> None:
    page = section(tab)
    assert not page.error
    assert words(page).count("**Look for**") >= (1 if tab == "Gallery" else 2)
    assert downloads(page) or tab in (*BUTTONS, "Sample")
    kept = {path.stem for path in paths.home().glob("explore/*/*.npz")}
    assert kept <= COMPUTED.get(tab, set()), "only the open section is computed"


def test_the_gallery_is_filtered_by_ink() -> None:
    dataset = data.load("digits", "test", "sample")
    page = section("Gallery", **{"class": "3"})
    everything = len(selection.matching(dataset, 3))
    assert f"of {everything:,} images" in words(page)
    page.slider(key="ink").set_value((20, 100))
    rows = [tile.row for tile in shown_tiles(sound(page.run()))]
    fitting = selection.matching(dataset, 3, (20, 100))
    assert 0 < len(fitting) < everything
    assert set(rows) <= set(fitting)
    page.slider(key="ink").set_value((99, 100))
    assert shown_tiles(sound(page.run())) == []
    assert "No image has so much ink." in words(page)


def test_a_bar_a_class_as_high_as_its_images_are_many() -> None:
    counts = np.array([30, 0, 60, 15])
    made = cached(noise_of(counts))
    markup = "".join(part.body for part in section("Gallery", part="train").get("html"))
    bars = re.findall(r'<li title="(.): ([\d,]+) images"><i style="--share:([\d.]+)">', markup)
    assert [int(images) for _, images, _ in bars] == [*counts, *[0] * 6] == list(made.class_counts())
    assert [label for label, _, _ in bars] == list(made.split.labels)
    assert [float(share) for _, _, share in bars] == [0.5, 0, 1, 0.25, *[0] * 6]
    sheet = np.asarray(Image.open(io.BytesIO(picture.bars(counts, ("a", "b", "c", "d")))))
    heights = (sheet == picture.BAR).sum(axis=0)[picture.GAP + 12 :: 24][:4]
    assert heights - 1 == pytest.approx(counts / counts.max() * (heights.max() - 1), abs=1)


def noise_of(counts: np.ndarray) -> data.Dataset:
    """Digits of noise, so many of each class."""
    labels = np.repeat(np.arange(len(counts)), counts)
    images = noise(len(labels)).images
    return replace(noise(1), images=images, labels=labels, sha256=content_hash(images, labels))


def test_the_gallery_waits_for_no_library_that_it_does_not_need() -> None:
    program = "import sys; from widgets.explore import gallery, state; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], cwd=paths.PROJECT, capture_output=True, text=True).stdout
    assert "widgets.explore.gallery" in loaded.split()
    assert not {"pandas", "scipy", "requests"} & set(loaded.split())


def test_no_section_brings_tensorflow() -> None:
    names = ", ".join(sorted(path.stem for path in (paths.PROJECT / "widgets/explore").glob("[a-z]*.py")))
    program = f"import sys; from widgets.explore import {names}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], cwd=paths.PROJECT, capture_output=True, text=True).stdout
    assert "widgets.explore.merging" in loaded.split()
    assert not {"tensorflow", "keras", "jax", "torch"} & set(loaded.split())


def test_mean_and_deviation_of_every_class() -> None:
    page = section("Classes", split="Balanced")
    labels = list(data.load("balanced", "test").split.labels)
    assert [tile.true for tile in shown_tiles(page)] == labels
    page.button_group(key="statistic").select("deviation")
    assert [tile.true for tile in shown_tiles(sound(page.run()))] == labels
    assert downloads(page) == {"CSV", "PNG", "NPZ"}
    assert len(page.dataframe[0].value) == 47


@pytest.mark.parametrize("measure", ["correlation", "distance", "mistaken"])
def test_likeness_by_each_measure(measure: str) -> None:
    page = section("Likeness")
    page.button_group(key="likeness").select(measure)
    sound(page.run())
    assert len(page.get("plotly_chart")) == 1
    assert len(page.dataframe[0].value) == 45


@pytest.mark.parametrize("tab", BUTTONS)
def test_what_takes_long_begins_when_asked_and_is_there_later(tab: str) -> None:
    page = section(tab)
    assert not figures(page)
    sound(page.button(key=BUTTONS[tab]).click().run())
    end = time.monotonic() + 60
    while not list(paths.home().glob("explore/*/*.npz")) and time.monotonic() < end:
        time.sleep(0.1)
    page = section(tab)
    total = len(data.load("digits", "test", "sample"))
    assert next(iter(figures(page).values())) == f"{total:,}"
    assert {"CSV"} <= downloads(page)
    one = section(tab, **{"class": "4"})
    assert next(iter(figures(one).values())) == str(int((data.load("digits", "test").labels == 4).sum()))


def test_the_map_is_there_at_once_and_t_sne_when_asked() -> None:
    page = section("Map")
    assert len(page.get("plotly_chart")) == 1
    page = section("Map", map="t-SNE")
    assert not page.get("plotly_chart")
    dataset = data.load("digits", "test", "sample")
    assert page.button(key="start-tsne").label == "Make the t-SNE map"
    assert queue.state(Job("tsne", "digits", "test", "sample", dataset.sha256, 2000)) == "absent"


def test_two_classes_are_picked_out_of_the_map_by_address() -> None:
    page = section("Map", picked=["4", "9"])
    [chart] = page.get("plotly_chart")
    assert [trace["name"] for trace in json.loads(chart.proto.spec)["data"]] == ["all others", "4", "9"]
    page.multiselect(key="picked").set_value([])
    [chart] = sound(page.run()).get("plotly_chart")
    assert len(json.loads(chart.proto.spec)["data"]) == 1


def test_a_selection_that_no_map_sends_selects_nothing() -> None:
    points = [{"customdata": data} for data in ([3, 700], [3, 700], [50, 1], [-1, 2], ["x"], [], None, {"0": 4})]
    assert list(image_map.places_of([*points, {}], 50)) == [3]


def test_byclass_shows_letters_in_both_cases() -> None:
    assert "ByClass" in section("Merged letters", split="Balanced").info[-1].value
    made = cached(noise(620, 62, split="byclass", part="test"))
    page = section("Merged letters", split="Balanced")
    labels = {tile.true for tile in shown_tiles(page)}
    assert {"C", "c", "A", "a"} <= labels
    assert made.name in words(page)


def test_byclass_offers_its_files_when_there_is_nothing_else() -> None:
    page = section("Gallery", split="ByClass")
    assert "fetch byclass" in page.error[0].value
    assert page.button(key="fetch").label == "Fetch ByClass"
    assert len(page.dataframe[0].value) == 12


def test_the_files_are_a_tab_away() -> None:
    assert "fetch" not in {button.key for button in section("Gallery").button}
    page = section("Files")
    assert page.button(key="fetch").label == "Fetch Digits"


def test_shared_images_of_the_parts_that_are_here() -> None:
    one = noise(100, part="train")
    cached(one)
    other = noise(80, part="test", seed=5)
    other.images[:20] = one.images[:20]
    cached(replace(other, sha256=content_hash(other.images, other.labels)))
    frame = section("Twins").dataframe[0].value
    assert list(frame["shared"]) == [20]


@pytest.mark.slow
def test_real_emnist(emnist_files: Path) -> None:
    for split in ("balanced", "byclass"):
        data.fetch(split, emnist_files, ["test"])
    balanced = data.load("balanced", "test", "emnist")
    for tab in TABS:
        page = section(tab, split="Balanced")
        assert balanced.name in words(page)
        assert "This is the **bundled sample**" not in words(page)
    merged = section("Merged letters", split="Balanced")
    assert {tile.true for tile in shown_tiles(merged)} >= set("CcFf")
    rows = [tile.row for tile in shown_tiles(section("Gallery", split="Balanced", **{"class": "g"}))]
    assert set(balanced.labels[np.array(rows)]) == {balanced.split.labels.index("g")}
