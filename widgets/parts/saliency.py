"""Which strokes decided: what in an image speaks for which class, as colour behind its ink."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from emnist_core.arrays import Images, Maps
from emnist_core.errors import EmnistError
from emnist_core.explain import gradient
from emnist_core.explain.occlusion import occlusion
from emnist_core.runs import Run
from emnist_core.serving.recognizer import recognizer
from widgets.parts import pickers, tiles

OCCLUSION, GRADIENT = "occlusion", "integrated gradients"
METHODS = {
    OCCLUSION: "Each place was covered with a 5×5 patch of paper: where the class becomes less probable without it, "
    "it speaks for the class. The fullest colour is the change named below the image.",
    GRADIENT: "From blank paper the ink was brought up little by little, and each pixel counted with what its ink "
    "added to the probability (Sundararajan and others 2017). All "
    "pixels together make the sum below the image: the probability here less that of blank paper. The colours are "
    "blurred by a pixel, to be seen beside the ink.",
}


@st.fragment
def show(
    images: Images,
    run: Run,
    classes: Sequence[int],
    colours: Sequence[tuple[tiles.Colour, tiles.Colour]] = ((tiles.FOR, tiles.AGAINST),) * 2,
    legend: str = "Orange speaks for the class, blue against it.",
) -> None:
    """What in some images, uint8 ``(N, 28, 28)``, speaks for each of two classes, by the method that is chosen.

    Args:
        images: uint8 ``(N, 28, 28)``.
        run: the run that is asked.
        classes: the two classes.
        colours: for each class the colours of what speaks for it, and against it.
        legend: what the colours mean.
    """
    method = choose_method(run)
    try:
        maps = gradients(images, run, classes) if method == GRADIENT else occlusions(images, run, classes)
    except EmnistError as error:
        st.error(str(error), icon=":material/error:")
        return
    for image, own in zip(images, maps, strict=True):
        with st.container(horizontal=True):
            for chosen, heat, both in zip(classes, own, colours, strict=True):
                label = run.split.labels[chosen]
                told = f"{points(heat)} in all" if method == GRADIENT else f"at most {strongest(heat)}"
                with st.container(width=190):
                    shown = blurred(heat) if method == GRADIENT else heat
                    tile = tiles.Tile(image, heat=shown, heat_colours=both, note=f"what speaks for {label}")
                    tiles.grid([tile], scale=6)
                    st.caption(f"for `{label}`: {told}")
    st.caption(f"{legend} {METHODS[method]}")


def choose_method(run: Run) -> str:
    """How saliency is found: asked for where the Keras network can be, otherwise a word on why not."""
    reason = gradient.obstacle(run)
    if reason is not None:
        st.caption(reason)
        return OCCLUSION
    return pickers.choose_one("Found by", list(METHODS), key="method")


def occlusions(images: Images, run: Run, classes: Sequence[int]) -> np.ndarray:
    """The maps by ``occlusion``: float32 ``(N, len(classes), 28, 28)``."""
    return np.array([occlusion(recognizer(run), image, tuple(classes)) for image in images])


def gradients(images: Images, run: Run, classes: Sequence[int]) -> np.ndarray:
    """The maps by ``gradient``, of the same shape; how far they are is shown until they are there."""
    place = st.empty()

    def tell(words: str, share: float) -> None:
        place.progress(share, words)

    maps = gradient.integrated_gradients(run, images, tuple(classes), tell)
    place.empty()
    return maps


def blurred(heat: Maps) -> np.ndarray:
    """A map whose values spread to their neighbours, float32 ``(28, 28)``: under the ink alone colours are not seen."""
    from scipy.ndimage import gaussian_filter

    spread: np.ndarray = gaussian_filter(heat, 1.2, mode="constant")
    return spread


def points(heat: Maps) -> str:
    """The sum of a map of probabilities in points, with its sign."""
    return f"{round(100 * float(heat.sum()), 1) + 0.0:+.1f} points"  # adding 0 makes -0 a 0


def strongest(heat: Maps) -> str:
    """The largest change in a map, for or against."""
    return tiles.percent(float(np.abs(heat).max()))
