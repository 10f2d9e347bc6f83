"""Draw or upload a character; see it become an EMNIST image; every model names it."""

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from emnist_core import charts, ink, runs
from emnist_core.errors import EmnistError, ImageError
from emnist_core.recognizer import recognizer
from widgets import page, tiles

SIDE = 280


def drawn_ink() -> np.ndarray | None:
    """The canvas's ink, or None before the first stroke."""
    is_dark = st.context.theme.type == "dark"
    width = st.slider("Pen", 8, 32, 18, key="pen", bind="query-params")
    canvas = st_canvas(
        stroke_width=width,
        stroke_color="#f1efe6" if is_dark else "#181c25",
        background_color="#202d29" if is_dark else "#ffffff",
        height=SIDE,
        width=SIDE,
        drawing_mode="freedraw",
        return_image_data=True,
        key="canvas",
    )
    return None if canvas.image_data is None else ink.ink_from_canvas(np.asarray(canvas.image_data, np.uint8))


def uploaded_ink() -> np.ndarray | None:
    """The ink of an uploaded picture, or None before there is one."""
    file = st.file_uploader("A picture of one character", key="picture")
    return None if file is None else ink.ink_from_picture(file.getvalue())


def show_steps(conversion: ink.Conversion) -> None:
    """Every step of the conversion, side by side."""
    st.subheader("How it becomes an EMNIST image", anchor=False)
    columns = st.columns(len(conversion.steps))
    for number, (column, step) in enumerate(zip(columns, conversion.steps, strict=True), start=1):
        with column:
            st.image(255 - step.image, width=140, caption=f"{number}. {step.title}")
            st.caption(step.explanation)


def show_answers(image: np.ndarray) -> None:
    """Each model's top five."""
    models = runs.servable_runs()
    columns = st.columns(max(1, min(5, len(models))))
    for number, run in enumerate(models):
        with columns[number % len(columns)].container(border=True):
            st.markdown(f"**{run.name}**")
            try:
                top = recognizer(run).top(image)
            except EmnistError as error:
                st.warning(str(error))
                continue
            st.plotly_chart(
                charts.top_probabilities(
                    [best["label"] for best in top], [best["probability"] for best in top]
                ),
                key=f"answer-{run.name}",
                config={"displayModeBar": False},
                alt=f"{run.name} reads "
                + ", ".join(f"{best['label']} {best['probability']:.0%}" for best in top),
            )


page.header(
    "Sketch",
    "Draw a character and every model names it. **Look for** what the models see, not what you drew: size is "
    "gone and strokes are blurred, so a small c and a capital C are one. Try an f, then lengthen its bar.",
)
left, right = st.columns([2, 3], gap="large")
with left:
    way = st.segmented_control(
        "Way", ["Draw", "Upload"], default="Draw", key="way", bind="query-params", required=True,
        label_visibility="collapsed",
    )  # fmt: skip
    try:
        found = drawn_ink() if way == "Draw" else uploaded_ink()
        conversion = None if found is None else ink.convert(found)
    except ImageError as error:
        conversion = None
        right.info(str(error), icon=":material/draw:")
with right:
    if conversion is not None:
        tiles.grid([tiles.Tile(conversion.image, note="what the models see")], scale=5)
if conversion is not None:
    show_answers(conversion.image)
    show_steps(conversion)
