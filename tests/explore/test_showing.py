"""What the page shows of images: turns, cases, galleries, pictures, the inventory, the sample beside EMNIST."""

import io

import numpy as np
import pytest
from PIL import Image

from emnist_core import charts, data
from emnist_core.data import cache, formats, library
from emnist_core.explore import likeness, picture, selection, statistics
from emnist_core.files import read_json, write_json
from emnist_core.ink import conversion
from emnist_core.splits import MERGED_LETTERS, SPLITS
from tests.helpers.noise import cached, noise


def test_turns_start_from_what_the_files_hold(tmp_path) -> None:
    image = data.load("digits", "test", "sample").images[3]
    turns = {turn.title: turn.image for turn in selection.turns(image)}
    header = (2051).to_bytes(4, "big") + b"".join(n.to_bytes(4, "big") for n in (1, 28, 28))
    path = tmp_path / "x"
    path.write_bytes(header + turns["As stored"].tobytes())
    assert np.array_equal(formats.read_idx_images(path.open("rb"))[0], image)
    assert np.array_equal(turns["Rotated and flipped"], image)
    assert np.array_equal(turns["Transposed"], image)
    for wrong in ("As stored", "Only rotated", "Only flipped"):
        assert not np.array_equal(turns[wrong], image)


def test_the_code_beside_a_turn_makes_it() -> None:
    image = noise(1).images[0]
    turns = selection.turns(image)
    for turn in turns[1:]:
        assert np.array_equal(eval(turn.code, {"np": np, "x": turns[0].image}), turn.image)


def test_telling_rows() -> None:
    sample = data.load("letters", "test", "sample")
    rows = selection.telling_rows(sample, None, 5)
    assert len(rows) == 5
    assert sample.split.labels[sample.labels[rows[0]]] == "R"
    assert set(sample.labels[selection.telling_rows(sample, 7, 3)]) == {7}


def test_a_gallery_holds_what_was_asked_for() -> None:
    made = noise(500)
    made.images[::2] //= 4
    shares = made.images.mean(axis=(1, 2)) / 2.55
    rows = selection.matching(made, 4, (30, 60))
    assert np.array_equal(rows, np.flatnonzero((made.labels == 4) & (shares >= 30) & (shares <= 60)))
    assert len(selection.matching(made)) == 500
    drawn = selection.draw(rows, 5, 1)
    assert set(drawn) <= set(rows)
    assert list(drawn) == list(selection.draw(rows, 5, 1))
    assert len(selection.matching(made, 4, (99, 100))) == 0


def test_letters_that_merge_and_those_that_do_not() -> None:
    (_, merged), (_, others) = selection.letter_groups()
    assert merged == MERGED_LETTERS
    assert sorted(merged + others) == [chr(code) for code in range(ord("A"), ord("Z") + 1)]
    made = noise(1000, 62, split="byclass")
    upper, lower = selection.both_forms(made, "K", 3)
    labels = made.split.labels
    assert {labels[made.labels[row]] for row in upper} == {"K"}
    assert {labels[made.labels[row]] for row in lower} == {"k"}
    sample = data.load("balanced", "test", "sample")
    assert len(selection.merged_forms(sample, MERGED_LETTERS, 2)) == 15


@pytest.mark.parametrize("label", ["R", "f", "7", "k", "?"])
def test_an_enlarged_glyph_can_be_converted(label: str) -> None:
    drawn = selection.enlarged(data.load("balanced", "test", "sample"), label)
    assert drawn.shape == (280, 280)
    assert set(np.unique(drawn)) == {0, 255}
    assert conversion.convert(drawn).image.shape == (28, 28)


def test_pictures_open() -> None:
    images = noise(7).images
    sheet = np.asarray(Image.open(io.BytesIO(picture.contact_sheet(images, 3, 1))))
    assert sheet.shape == (3 * 32 + 4, 3 * 32 + 4)
    assert np.array_equal(sheet[4:32, 4:32], 255 - images[0])
    with np.load(io.BytesIO(picture.npz(images=images, names=["a", "b"])), allow_pickle=False) as arrays:
        assert np.array_equal(arrays["images"], images)


def test_the_inventory_has_every_part_and_says_what_is_here() -> None:
    frame = library.parts()
    assert len(frame) == 12
    assert (frame["images"] == 0).all()
    assert frame["published"].sum() == sum(split.train + split.test for split in SPLITS.values())
    cached(noise(300))
    frame = library.parts().set_index(["split", "part"])
    assert frame.loc[("digits", "train"), "images"] == 300
    assert frame.loc[("digits", "train"), "source"] == "a test"


@pytest.mark.parametrize(
    ("origin", "shown"),
    [("/home/a/emnist", "emnist"), (r"C:\Users\a\gzip.zip", "gzip.zip"), ("https://a.example/gzip.zip",) * 2],
)
def test_where_a_part_came_from_names_no_folder_of_the_server(origin: str, shown: str) -> None:
    path = cached(noise(30)) and cache.folder(SPLITS["digits"], "train") / "manifest.json"
    write_json(path, read_json(path) | {"source": f"{origin}: images.gz, labels.gz"})
    assert list(library.parts()["source"]).count(shown) == 1


def test_the_sample_beside_other_images() -> None:
    sample, other = data.load("digits", "test", "sample"), noise(200, part="test")
    table = likeness.pixel_measures({"sample": sample, "noise": other})
    assert table["mean"][0] == pytest.approx(sample.images.mean(), abs=1e-3)
    assert table["deviation"][1] == pytest.approx(other.images.std(), abs=1e-3)
    assert table["longer_side"][1] == pytest.approx(28, abs=0.1)
    assert likeness.correlations_between(sample, sample)["correlation"].to_numpy() == pytest.approx(
        np.ones(10), abs=1e-6
    )
    assert len(likeness.correlations_between(sample, other)) == 10


def test_charts_show_what_they_were_given() -> None:
    sample = data.load("digits", "test", "sample")
    found = statistics.of(sample)
    from emnist_core.explore import atlas

    heat = charts.likeness(likeness.correlations(found), sample.split.labels, "correlation").data[0]
    assert np.isnan(np.diag(heat.z)).all()
    assert heat.z[1][7] == pytest.approx(likeness.correlations(found)[1, 7])
    frame = atlas.atlas(sample, "pca", 50)
    figure = charts.atlas(frame, sample.split.labels)
    assert list(figure.data[0].x) == list(frame["x"])
    assert len(figure.layout.annotations) == frame["label"].nunique()
    assert len(set(charts.class_colours(62))) == 62
    others, four, nine = charts.atlas(frame, sample.split.labels, [4, 9]).data
    assert (four.name, nine.name) == ("4", "9")
    assert set(four.text) == {"4"}
    assert not {"4", "9"} & set(others.text)
    assert len({trace.marker.color for trace in (others, four, nine)}) == 3
    assert four.marker.symbol != nine.marker.symbol
    places = np.concatenate([np.array(trace.customdata)[:, 0] for trace in (others, four, nine)])
    assert sorted(places) == list(range(50))
    assert [frame["row"][place] for place, _ in four.customdata] == [row for _, row in four.customdata]
    bars = charts.spread(np.arange(100.0), 50, "x")
    assert sum(bars.data[0].y) == 100
