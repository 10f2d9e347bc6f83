"""The networks themselves: layers, weights and work, what a unit sees, and what each layer makes of an image."""

from dataclasses import replace

import numpy as np
import streamlit as st

from emnist_core import runs
from emnist_core.models import MODELS
from emnist_core.models.anatomy import Layers, layers_of
from emnist_core.runs import Run
from emnist_core.serving.features import feature_maps, stages
from emnist_core.serving.network_input import network_input
from emnist_core.serving.recognizer import at_temperature
from emnist_core.splits import SPLITS
from widgets import page
from widgets.architecture import views as architecture
from widgets.parts import figures, tiles
from widgets.parts.figures import Figure


def choose_network() -> tuple[str, Run | None]:
    """The architecture, and the run whose weights are looked at; None where nothing of it is trained."""
    trained = {run.name: run for run in runs.servable_runs()}
    known = {run.recipe.model for run in trained.values()}
    names = [*trained, *(name for name in MODELS if name not in known and name not in trained)]
    default = names.index("lenet5-v2") if "lenet5-v2" in names else 0
    name = st.selectbox("Network", names, index=default, key="network", bind="query-params", width=330)
    run = trained.get(name)
    return (name if run is None else run.recipe.model), run


def show_totals(layers: Layers) -> None:
    """The figures of the whole network."""
    widest = [layer for layer in layers if layer.is_map][-1]
    sees = f"{widest.receptive_field}×{widest.receptive_field}"
    parameters, idle = sum(layer.parameters for layer in layers), sum(layer.idle for layer in layers)
    figures.show(
        Figure("Parameters", f"{parameters:,}", f"{tiles.percent(idle / parameters)} of them idle" if idle else ""),
        Figure("Multiply-adds an image", f"{sum(layer.multiply_adds for layer in layers):,}"),
        Figure("Layers", str(len(layers))),
        Figure("Field of the last maps", sees, f"input pixels that a unit of {widest.name} sees"),
    )


page.header(
    "Architecture",
    "What the networks are made of. **Look for** where the weights are and where the work is, seldom in the same "
    "layers, and for maps that answer to one thing only: a bar, a bend, an end of a stroke.",
)
with page.errors_in_words():
    model, run = choose_network()
    st.markdown(f"**{MODELS[model].title}**: {MODELS[model].summary}")
    split = SPLITS["balanced"] if run is None else run.split
    layers = layers_of(model, split.classes)
    show_totals(layers)
    st.subheader("Layer by layer", anchor=False)
    architecture.show_table(layers)

    st.subheader("On an image", anchor=False)
    image = architecture.choose_image(split)
    if image is None:
        st.stop()
    left, right = st.columns([1, 3], gap="large")
    with left:
        tiles.grid([tiles.Tile(image)], scale=6)
        names = [stage[0].name for stage in stages(layers)]
        chosen = st.selectbox("Layer", names, key="layer", bind="query-params")
    with right:
        st.markdown(
            "**What one unit sees**: the square is the receptive field of each layer's middle unit. **Look for** the "
            "layer whose square first holds the whole stroke."
        )
        seen = np.rint(255 * network_input(image[np.newaxis], MODELS[model].input_size)[0, ..., 0]).astype(np.uint8)
        architecture.show_fields(stages(layers), chosen, seen)
        st.caption("Dense layers, and what is pooled over all places, see the whole image.")
    st.subheader(f"What {chosen} makes of it", anchor=False)
    if run is None:
        st.info(
            f"No {MODELS[model].title} is trained here, so there are no feature maps. Train one on the Train page.",
            icon=":material/school:",
        )
        st.stop()
    stage = next(maps for maps in feature_maps(run, image) if maps.name == chosen)
    is_answer = stage.stage[-1] == layers[-1]
    if is_answer:  # as sure as it is everywhere else
        stage = replace(stage, maps=at_temperature(stage.maps[0], run.temperature())[np.newaxis])
    architecture.show_maps(stage, split.labels if is_answer else None)
