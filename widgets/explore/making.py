"""How the files store an image, and how an image is made."""

import streamlit as st

from emnist_core import data
from emnist_core.data import Dataset
from emnist_core.explore import picture, selection
from widgets.explore import download
from widgets.explore.state import Selection
from widgets.parts import tiles

EXAMPLES = 5
STEP_SIDE = 112


def show(selected: Selection) -> None:
    """Draw the section."""
    _orientation(selected, selected.load())
    _conversion(selected)


def _orientation(selected: Selection, dataset: Dataset) -> None:
    st.subheader("Transposed: what lies in the files", anchor=False)
    st.markdown(
        "NIST's files hold every image with rows and columns exchanged. The report met a “format of nonsense” and "
        "flipped and rotated it. **Look for** how right a wrong turn looks on 0, O, X and 8, and how wrong on 7 and R."
    )
    rows = selection.telling_rows(dataset, selected.chosen, EXAMPLES)
    turned = [selection.turns(dataset.images[row]) for row in rows]
    labels = selected.split.labels
    with st.container(horizontal=True):
        for place, turn in enumerate(turned[0] if turned else ()):
            with st.container(width=224, border=True):
                st.markdown(f"**{turn.title}**")
                tiles.grid(
                    [
                        tiles.Tile(one[place].image, note=f"{labels[dataset.labels[row]]}, {turn.title.lower()}")
                        for row, one in zip(rows, turned, strict=True)
                    ],
                    scale=1.5,
                )
                st.caption(turn.explanation)
                st.code(turn.code, language="python", wrap_lines=True)
    if turned:
        images = selection.stack(turned)
        download.offer(
            f"turns-{selected.split.name}",
            png=download.png(images, len(turned[0])),
            npz=lambda: picture.npz(images=images, rows=rows, turns=[turn.title for turn in turned[0]]),
        )


def _conversion(selected: Selection) -> None:
    st.subheader("From a scan to 28×28", anchor=False)
    st.markdown(
        "The six steps of EMNIST's authors, on a character of the bundled sample enlarged to a drawing. "
        "**Look for** what goes: the size on the form at the crop, and thin gaps at the blur."
    )
    from emnist_core.ink import conversion  # with SciPy, which nothing else here needs

    label = selected.split.labels[selected.chosen] if selected.chosen is not None else "R"
    drawn = selection.enlarged(data.load("balanced", "test", "sample"), label)
    converted = conversion.convert(drawn)
    with st.container(horizontal=True):
        for number, step in enumerate(converted.steps, start=1):
            with st.container(width=STEP_SIDE + 24):
                tiles.grid([tiles.Tile(step.image, note=step.title)], scale=STEP_SIDE / max(step.image.shape))
                st.caption(f"**{number}. {step.title}** {step.explanation}")
    download.offer(
        "conversion",
        png=lambda: picture.contact_sheet(converted.image[None], scale=10),
        npz=lambda: picture.npz(**{f"{n}_{step.title}": step.image for n, step in enumerate(converted.steps, 1)}),
    )
