"""The Architecture page: every network has its table, its fields and its maps, and each view an address."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from emnist_core import data, runs
from emnist_core.models import MODELS
from emnist_core.models.anatomy import layers_of
from emnist_core.serving.features import feature_maps, stages
from emnist_core.serving.recognizer import recognizer
from tests.helpers.pages import copy_run, figures, open_page, sample_title, sound, words

SAMPLE = data.load("balanced", "test", "sample")
TRAINED = {run.recipe.model for run in runs.servable_runs()}


def maps_on(page: AppTest) -> list[str]:
    """The feature maps of the page as they are described to those who cannot see them."""
    return re.findall(r'aria-label="(map [^"]*)"', "".join(e.value for e in page.get("html")))


@pytest.mark.parametrize("name", MODELS)
def test_every_network_has_its_table_and_its_totals(name: str) -> None:
    page = open_page("architecture", network=name)
    assert page.selectbox(key="network").value == name
    table = page.dataframe[0].value
    assert list(table["layer"]) == [layer.name for layer in layers_of(name)]
    assert figures(page)["Parameters"] == f"{MODELS[name].parameters:,}" == f"{table['parameters'].sum():,}"
    assert figures(page)["Multiply-adds an image"] == f"{table['multiply-adds'].sum():,}"
    assert table["share of parameters"].sum() == pytest.approx(1)
    assert words(page).count("**Look for**") == (4 if name in TRAINED else 3)
    assert table["share of work"].sum() == pytest.approx(1)
    weighty = table["layer"][table["parameters"].idxmax()]
    assert f"of them in `{weighty}`" in words(page)
    assert ("What never works" in words(page)) == ("idle" in table) == (name == "resnet34")
    if name in TRAINED:
        assert maps_on(page)
    else:
        assert "no feature maps" in page.info[-1].value


@pytest.mark.parametrize("name", sorted(TRAINED))
def test_every_stage_of_every_trained_network_opens_by_its_address(name: str) -> None:
    run = next(run for run in runs.servable_runs() if run.recipe.model == name)
    image = SAMPLE.images[100]
    page = open_page("architecture", network=run.name, image_row="100")
    # A deep network's stages are alike: its first, its last, and some in between.
    found = feature_maps(run, image)
    for one in found[:: max(1, len(found) // 6)] + found[-1:]:
        sound(page.selectbox(key="layer").set_value(one.name).run())
        assert not page.error
        height, width, count = one.maps.shape
        if height == 1:
            assert f"**{count} units**" in words(page)
            assert len(page.get("plotly_chart")) == 1
        else:
            assert f"**{count} maps** of {height}×{width}" in words(page)
            first = one.maps[..., 0]
            assert len(maps_on(page)) == min(count, 64)
            assert maps_on(page)[0] == f"map 1, from {first.min():.3g} to {first.max():.3g}"


def test_more_maps_than_fit_come_in_pages() -> None:
    page = open_page("architecture", network="vanilla-cnn", layer="conv2d", maps="2")
    assert [label.split(",")[0] for label in maps_on(page)] == [f"map {number}" for number in range(65, 129)]
    assert "Maps 65 to 128 of 128" in words(page)
    sound(page.selectbox(key="layer").set_value("conv2d_1").run())
    assert "Maps 1 to 64 of 64" in words(page)


def test_the_square_is_the_field_of_the_middle_unit() -> None:
    page = open_page("architecture", network="lenet5-v2", layer="convolution_1", image_row="7")
    squares = re.findall(r"left:(\d+)px;top:(\d+)px;width:(\d+)px", "".join(e.value for e in page.get("html")))
    # 3 pixels of the screen for one of 28; unit 12 of the first convolution sees pixels 12 to 16.
    assert squares[0] == ("36", "36", "15")
    assert len(squares) == sum(stage[0].is_map for stage in stages(layers_of("lenet5-v2")))


def test_a_class_goes_to_its_first_image_and_next_to_the_following() -> None:
    page = open_page("architecture", network="lenet5", image_row="100")
    labels = SAMPLE.split.labels
    assert page.selectbox(key="letter").value == labels[SAMPLE.labels[100]]
    rows = np.flatnonzero(SAMPLE.labels == labels.index("g"))
    sound(page.selectbox(key="letter").set_value("g").run())
    assert page.number_input(key="image_row").value == rows[0]
    sound(page.button[0].click().run())
    assert page.number_input(key="image_row").value == rows[1]
    assert page.query_params["image_row"] == str(rows[1])


def test_the_last_sketch_can_be_looked_at_and_without_one_it_says_so() -> None:
    page = open_page("architecture", network="lenet5", layer="c1", look="Last sketch")
    assert "Nothing is drawn yet" in page.info[0].value
    image = SAMPLE.images[3]
    page.session_state["sketched"] = image
    sound(page.run())
    first = feature_maps(runs.find("lenet5"), image)[0].maps[..., 0]
    assert maps_on(page)[0] == f"map 1, from {first.min():.3g} to {first.max():.3g}"


def test_a_damaged_serving_model_is_said_in_a_sentence(shipped: Path) -> None:
    run = copy_run("lenet5", shipped / "spoilt")
    (run / "model.tflite").write_bytes(b"nothing")
    page = open_page("architecture", network="spoilt")
    assert "model.tflite of the run spoilt is damaged" in page.error[0].value
    assert len(page.dataframe) == 1


def test_the_last_layer_is_as_sure_as_the_model_is_everywhere_else() -> None:
    run = runs.find("se-resnet")
    last = stages(layers_of("se-resnet"))[-1][0].name
    page = open_page("architecture", network="se-resnet", images="bundled sample", image_row="7", layer=last)
    [chart] = page.get("plotly_chart")
    answers = recognizer(run).probabilities(SAMPLE.images[7:8])[0]
    shown = [np.asarray(values, float) for trace in json.loads(chart.proto.spec)["data"] for values in _values(trace)]
    assert run.temperature() != 1
    assert any(len(values) == 47 and values == pytest.approx(answers, abs=2e-3) for values in shown)


def _values(trace: dict[str, Any]) -> list[Any]:
    """What a trace draws, as numbers; Plotly writes arrays in base 64."""
    return [
        np.frombuffer(base64.b64decode(axis["bdata"]), np.dtype(axis["dtype"])) if isinstance(axis, dict) else axis
        for axis in (trace.get("x"), trace.get("y"))
        if isinstance(axis, dict) or (isinstance(axis, list) and all(isinstance(one, int | float) for one in axis))
    ]


def test_an_image_leads_to_its_feature_maps() -> None:
    assert "**Layer by layer**" in words(open_page("image", of="lenet5", on=sample_title(), row="7"))
    page = open_page("architecture", network="lenet5", images="bundled sample", image_row="7")
    assert page.number_input(key="image_row").value == 7
