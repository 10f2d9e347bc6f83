"""The one tile in which every character is shown, and grids of it.

A tile holds the image in crisp integer scaling; its true label stands at the top left, a tick or a cross
at the top right, the prediction at the bottom left and its confidence at the bottom right. Right and wrong
differ by mark and by border as well as by colour. The image is a mask over the text colour: ink on paper
in the light theme, chalk on a blackboard in the dark one.
"""

import base64
import html
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from PIL import Image

from emnist_core.arrays import Images, Maps, Pixels
from emnist_core.data import Dataset
from widgets import assets

STYLE = assets.css(__file__)

FOR, AGAINST = (217, 119, 43), (76, 132, 216)
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Tile:
    """One image with what is said of it.

    Attributes:
        image: uint8 ``(H, W)``, ink 255 on paper 0.
        true: the true label, when known.
        predicted: the predicted label, when there is a prediction.
        confidence: probability of the prediction, in [0, 1].
        note: shown when pointing at the tile.
        link: where a click on the tile goes; see ``widgets.parts.clicks``.
        heat: float ``(H, W)`` in [-1, 1], shown as colour behind the ink.
        heat_colours: the colours of what is above 0 in it, and of what is below; orange for, blue against.
        below: another answer, written below the image.
        mark: a number and a colour by which a chart names the image.
    """

    image: Pixels
    true: str | None = None
    predicted: str | None = None
    confidence: float | None = None
    note: str = ""
    link: str = ""
    heat: Maps | None = None
    heat_colours: tuple[Colour, Colour] = (FOR, AGAINST)
    below: str = ""
    mark: tuple[int, str] | None = None


def labelled(dataset: Dataset, rows: Iterable[int]) -> list[Tile]:
    """Tiles of some rows of the data, each with its label."""
    labels = dataset.split.labels
    return [Tile(dataset.images[row], labels[dataset.labels[row]], note=f"row {row}") for row in rows]


def grid(tiles: Sequence[Tile], scale: float = 2) -> None:
    """Draw tiles in rows that wrap; ``scale`` is the size of an image's pixel on the screen."""
    st.html(STYLE + f'<div class="tiles">{"".join(markup(tile, scale) for tile in tiles)}</div>')


def groups(groups: Sequence[Sequence[Tile]], scale: float = 2) -> None:
    """Draw tiles that belong together side by side, the groups in rows that wrap."""
    drawn = (f'<div class="tiles together">{"".join(markup(tile, scale) for tile in group)}</div>' for group in groups)
    st.html(STYLE + f'<div class="tiles">{"".join(drawn)}</div>')


def sheet(images: Images, columns: int) -> str:
    """Images ``(N, 28, 28)`` in rows of ``columns`` as one mask: the address of a picture with ink as opacity."""
    count, height, width = images.shape
    lines = -(-count // columns)
    padded = np.zeros((lines * columns, height, width), np.uint8)
    padded[:count] = images
    rows = padded.reshape(lines, columns, height, width).transpose(0, 2, 1, 3)
    return _png(rows.reshape(lines * height, columns * width))


def markup(tile: Tile, scale: float = 2) -> str:
    """The tile as HTML; it needs ``STYLE`` somewhere on the page."""
    corners, kind = [], "plain"
    if tile.true is not None:
        corners.append(f'<b class="{"t" if tile.predicted is not None else "p"}">{html.escape(tile.true)}</b>')
        kind = "bare"
    if tile.predicted is not None:
        corners.append(f'<b class="p">{html.escape(tile.predicted)}</b>')
        kind = "known" if tile.true is not None else "bare"
    if tile.confidence is not None:
        corners.append(f'<b class="c">{percent(tile.confidence)}</b>')
    if tile.true is not None and tile.predicted is not None:
        right = tile.true == tile.predicted
        corners.append(f'<b class="m {"yes" if right else "no"}">{"✓" if right else "✗"}</b>')
        kind = "right" if right else "wrong"
    if tile.mark is not None:
        corners.append(f'<b class="mark" style="background:{tile.mark[1]}">{tile.mark[0]}</b>')
    below = f"<small>{html.escape(tile.below)}</small>" if tile.below else ""
    description = html.escape(describe(tile), quote=True)
    drawn = (
        picture(tile.image, scale) if tile.heat is None else _heated(tile.image, tile.heat, tile.heat_colours, scale)
    )
    figure = (
        f'<figure class="tile {kind}" role="img" aria-label="{description}" title="{description}">'
        f"{drawn}{''.join(corners)}{below}</figure>"
    )
    return f'<a class="pick" href="{html.escape(tile.link, quote=True)}">{figure}</a>' if tile.link else figure


def picture(image: Pixels, scale: float = 2) -> str:
    """The image alone as HTML, in the text colour; it needs ``STYLE`` somewhere on the page."""
    height, width = image.shape
    source = f"url({_png(image)})"
    return f'<i class=ink style="width:{width * scale:.0f}px;height:{height * scale:.0f}px;--ink:{source}"></i>'


def _heated(image: Pixels, heat: Maps, colours: tuple[Colour, Colour], scale: float) -> str:
    """The image over a layer of colour; the strongest value, for or against, is the fullest colour."""
    strength = np.abs(heat) / max(float(np.abs(heat).max()), 1e-6)
    painted = np.where(heat[..., np.newaxis] > 0, *colours).astype(np.uint8)
    layer = Image.fromarray(np.dstack([painted, (230 * strength).astype(np.uint8)]), "RGBA")
    return (
        f'<div style="background:url({png_address(layer)}) 0 0/100% 100% no-repeat;'
        f'image-rendering:pixelated"><div style="opacity:.6">{picture(image, scale)}</div></div>'
    )


def describe(tile: Tile) -> str:
    """The tile in words, for those who cannot see it and for pointing at it."""
    words = []
    if tile.true is not None:
        words.append(f"{tile.true}")
    if tile.predicted is not None:
        words.append(f"read as {tile.predicted}")
    if tile.confidence is not None:
        words.append(f"with {percent(tile.confidence)}")
    if tile.note:
        words.append(f"({tile.note})")
    if tile.below:
        words.append(f"and by the other as {tile.below}")
    return " ".join(words) or "a character"


def percent(share: float) -> str:
    """A probability to read at a glance: whole percent, and never a rounded-up 100."""
    if 0.995 <= share < 0.9999:
        return f"{np.floor(share * 1000) / 10:.1f}%"
    return f"{share:.0%}"


def _png(image: Pixels) -> str:
    """Ink as the opacity of a PNG."""
    return png_address(Image.fromarray(np.dstack([np.zeros_like(image), image]), "LA"))


def png_address(picture: Image.Image) -> str:
    """The address of a picture that is all in it, as a PNG."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
