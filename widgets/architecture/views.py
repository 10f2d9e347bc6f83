"""A network layer by layer: its table, the image it looks at, what a unit sees of that, and a stage's feature maps."""

import html
from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

from emnist_core import charts, data
from emnist_core.arrays import Pixels, Points
from emnist_core.models.anatomy import Layer, Layers
from emnist_core.serving.features import FeatureMaps
from emnist_core.splits import Split
from widgets import assets, navigation, page
from widgets.parts import gallery, pickers, tiles

MAPS = 64
"""Feature maps that are shown at once."""
MAP_SIDE, FIELD_SIDE = 90, 96
"""Width of a feature map and of an image under a field, in pixels of the screen, about."""
TABLE_HEIGHT = 460
STYLE = assets.css(__file__)
TEST, SKETCH = "Test image", "Last sketch"


def table(layers: Layers) -> pd.DataFrame:
    """The layer table as the report prints it, and what it leaves out; idle weights where there are any."""
    weights = sum(layer.parameters for layer in layers)
    work = sum(layer.multiply_adds for layer in layers)
    rows = pd.DataFrame(
        {
            "layer": [layer.name for layer in layers],
            "kind": [layer.kind for layer in layers],
            "output": [in_words(layer.shape) for layer in layers],
            "parameters": [layer.parameters for layer in layers],
            "share of parameters": [layer.parameters / weights for layer in layers],
            "idle": [layer.idle for layer in layers],
            "multiply-adds": [layer.multiply_adds for layer in layers],
            "share of work": [layer.multiply_adds / work for layer in layers],
            "kernel": [None if layer.kernel is None else f"{layer.kernel}×{layer.kernel}" for layer in layers],
            "stride": [layer.stride for layer in layers],
            "receptive field": [layer.receptive_field for layer in layers],
            "jump": [layer.jump if layer.is_map else None for layer in layers],
        }
    )
    return rows if rows["idle"].any() else rows.drop(columns="idle")


def in_words(shape: Sequence[int]) -> str:
    """A shape as people write it."""
    return "×".join(map(str, shape))


def show_table(layers: Layers) -> None:
    """The layer table, with bars for the shares, and where most is."""
    st.markdown("**Look for** the longest bar in each of the two columns of shares, and how far apart they stand.")
    share = st.column_config.ProgressColumn
    st.dataframe(
        table(layers),
        hide_index=True,
        placeholder="",
        height=TABLE_HEIGHT if len(layers) > 12 else "content",
        column_config={
            "layer": st.column_config.TextColumn(pinned=True),
            "parameters": st.column_config.NumberColumn(format="localized"),
            "idle": st.column_config.NumberColumn(format="localized", help="weights that meet nothing but padding"),
            "multiply-adds": st.column_config.NumberColumn(format="localized"),
            "share of parameters": share(format="percent", min_value=0, max_value=1),
            "share of work": share(format="percent", min_value=0, max_value=1),
        },
    )
    weighty = max(layers, key=lambda layer: layer.parameters)
    busy = max(layers, key=lambda layer: layer.multiply_adds)
    weights, work = (
        weighty.parameters / sum(layer.parameters for layer in layers),
        busy.multiply_adds / sum(layer.multiply_adds for layer in layers),
    )
    st.markdown(
        f"**Where the weights are**: {tiles.percent(weights)} of them in `{weighty.name}`, more than in any other "
        f"layer. **Where the work is**: {tiles.percent(work)} of it in `{busy.name}`.{_what_is_idle(layers)}"
    )
    with st.expander("What is counted"):
        st.markdown(
            "**Multiply-adds** are for one image: a multiplication with its addition counts as one. Counted are "
            "convolutions (at every place of the output, padding included), dense layers, and one for every value that "
            "a squeeze-and-excitation gate scales. Not counted: weights that meet padding only, biases, pooling, "
            "activations, and batch normalisation, which the serving model has in the weights of the layer before. "
            "**Receptive field** is the height and width, in input pixels, of what one unit depends on; **jump** is "
            "how far apart the fields of two neighbouring units are "
            "([Araujo, Norris, Sim 2019](https://distill.pub/2019/computing-receptive-fields)). "
            "A field larger than the image ends in the padding around it. What a gate knows of the rest of the image "
            "is left out of it."
        )


def _what_is_idle(layers: Layers) -> str:
    """A sentence on the weights that do nothing; empty where there are none."""
    idle = [layer for layer in layers if layer.idle]
    if not idle:
        return ""
    count = sum(layer.idle for layer in idle)
    share = tiles.percent(count / sum(layer.parameters for layer in layers))
    return (
        f" **What never works**: {count:,} weights, {share} of all. From `{idle[0].name}` on, the maps are only "
        f"{in_words(idle[0].shape[:2])}, and most of a {idle[0].kernel}×{idle[0].kernel} window lies on the padding "
        "around them: no image ever reaches those weights, so none can train them, they change no answer, and the "
        "serving file leaves them out."
    )


def show_fields(stages: Sequence[Layers], chosen: str, seen: Pixels) -> None:
    """What the middle unit of every stage sees of the image as the network gets it, uint8 ``(size, size)``."""
    figures = [_field(stage[0], seen, stage[0].name == chosen) for stage in stages if stage[0].is_map]
    label = "What the middle unit of every layer sees"
    st.html(f'{tiles.STYLE}{STYLE}<div class="fields" role="group" aria-label="{label}">{"".join(figures)}</div>')


def _field(layer: Layer, seen: Pixels, is_chosen: bool) -> str:
    """The image with a square over what the layer's middle unit sees."""
    size = len(seen)
    scale = FIELD_SIDE // size
    first, last = layer.sees(layer.shape[0] // 2)
    begin, end = max(first, 0) * scale, (min(last, size - 1) + 1) * scale
    square = f"left:{begin}px;top:{begin}px;width:{end - begin}px;height:{end - begin}px"
    field = f"{layer.receptive_field}×{layer.receptive_field}"
    name = html.escape(layer.name)
    said = f"the middle unit of {name} sees {field} pixels"
    return (
        f'<figure{" class=chosen" if is_chosen else ""} role="img" aria-label="{said}" title="{said}">'
        f'<div class="seen">{tiles.picture(seen, scale)}<i class="field" style="{square}"></i></div>'
        f"<figcaption><b>{name}</b><br>{field}</figcaption></figure>"
    )


def show_maps(stage: FeatureMaps, labels: Sequence[str] | None) -> None:
    """The feature maps of a stage as a grid of pictures; units without a place in the image as bars.

    Args:
        stage: the stage's maps.
        labels: the classes, where the stage answers.
    """
    height, width, count = stage.maps.shape
    st.markdown(
        "**Look for** units that are strong for this image and not for the next of its class."
        if height == 1
        else "**Look for** maps that follow one edge, one direction or the ground, and for maps that stay empty."
    )
    computed = ", ".join(f"`{layer.name}`" for layer in stage.stage)
    if height == 1:
        st.markdown(f"**{count} units** after {computed}.")
        values = stage.maps[0, 0]
        st.plotly_chart(
            charts.units(values, labels),
            key="units",
            config={"displayModeBar": False},
            alt=f"Activations of the {count} units, from {values.min():.3g} to {values.max():.3g}.",
        )
        return
    st.markdown(f"**{count} maps** of {height}×{width} after {computed}.")
    on_page = gallery.page_of(count, "maps", MAPS)
    begin, shown = on_page.start, stage.maps[..., on_page]
    strongest = max(float(np.abs(stage.maps).max()), 1e-6)
    pictures = (_map(shown[..., place], begin + place + 1, strongest) for place in range(shown.shape[-1]))
    st.html(
        f'{tiles.STYLE}{STYLE}<div class="tiles maps" role="group" aria-label="Feature maps">{"".join(pictures)}</div>'
    )
    idle = int((np.abs(stage.maps).max(axis=(0, 1)) < strongest / 100).sum())
    st.caption(
        f"Maps {begin + 1} to {begin + shown.shape[-1]} of {count}, in one scale: the fullest is {strongest:.3g}. "
        + ("Orange is above 0, blue below. " if (stage.maps < 0).any() else "")
        + f"{idle} of {count} stay under a hundredth of it on this image."
    )


def _map(values: Points, number: int, strongest: float) -> str:
    """One map as a tile; ``strongest`` is the activation of the fullest colour."""
    height, width = values.shape
    scale = max(1, MAP_SIDE // height)
    said = f"map {number}, from {values.min():.3g} to {values.max():.3g}"
    share = np.rint(255 * np.abs(values) / strongest).astype(np.uint8)
    colours = np.where(values[..., np.newaxis] > 0, tiles.FOR, tiles.AGAINST).astype(np.uint8)
    address = tiles.png_address(Image.fromarray(np.dstack([colours, share]), "RGBA"))
    return (
        f'<figure class="tile plain" role="img" aria-label="{said}" title="{said}">'
        f'<img class="map" alt="" width={width * scale} height={height * scale} src="{address}"></figure>'
    )


def choose_image(split: Split) -> np.ndarray | None:
    """The image to look at, uint8 ``(28, 28)``: of a test part, by row, or what was drawn last."""
    way = pickers.choose_one("Image", [TEST, SKETCH], key="look", is_named=False)
    if way == SKETCH:
        sketch: np.ndarray | None = st.session_state.get("sketched")
        if sketch is None:
            st.info("Nothing is drawn yet: draw a character on the Sketch page and come back.", icon=":material/draw:")
            navigation.link("sketch", "Sketch")
        return sketch
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = pickers.choose_dataset_kind(split.name, "test", "images")
        dataset = data.load(split.name, "test", source)
        row = _choose_row(dataset)
    page.name_data(dataset)
    return np.asarray(dataset.images[row])


def _choose_row(dataset: data.Dataset) -> int:
    """The row, in the URL; the class beside it is that row's, and choosing another goes to its first image."""
    labels = dataset.split.labels

    def go_to(chosen: int, after: int) -> None:
        rows = np.flatnonzero(dataset.labels == chosen)
        st.session_state["image_row"] = int(rows[np.searchsorted(rows, after, side="right") % len(rows)])

    row = int(st.number_input("Row", 0, len(dataset) - 1, key="image_row", bind="query-params", width=150))
    here = int(dataset.labels[row])
    present = [labels[index] for index in np.flatnonzero(dataset.class_counts())]
    st.session_state["letter"] = labels[here]
    st.selectbox(
        "Class", present, key="letter", width=110,
        on_change=lambda: go_to(labels.index(st.session_state["letter"]), -1),
    )  # fmt: skip
    st.button(f"Next `{labels[here]}`", icon=":material/skip_next:", on_click=go_to, args=(here, row))
    return row
