"""The image of the point under the pointer, beside a map of images."""

import numpy as np
import streamlit as st

from emnist_core.arrays import Images
from widgets.parts import tiles

SCALE = 4
SIDE = 28 * SCALE

_HTML = '<div class="peek"><i></i><b></b></div>'
_CSS = f"""
.peek{{position:fixed;z-index:1000;display:none;pointer-events:none;padding:.4rem;text-align:center;
 border:1px solid var(--st-border-color);border-radius:.4rem;background:var(--st-background-color);
 color:var(--st-text-color);box-shadow:0 4px 16px rgba(0,0,0,.25)}}
.peek i{{display:block;width:{SIDE}px;height:{SIDE}px;background:currentColor;image-rendering:pixelated;
 mask-repeat:no-repeat}}
.peek b{{font:600 .9rem "Source Code Pro",ui-monospace,monospace}}
"""
_JS = """
export default function({ data, parentElement }) {
  const box = parentElement.querySelector('.peek');
  const ink = box.querySelector('i'), name = box.querySelector('b');
  ink.style.maskImage = `url(${data.sheet})`;
  ink.style.maskSize = `${data.columns * data.side}px auto`;
  const show = (event) => {
    const [place, row] = event.points[0].customdata;
    const column = place % data.columns, line = Math.floor(place / data.columns);
    ink.style.maskPosition = `${-column * data.side}px ${-line * data.side}px`;
    name.textContent = `${event.points[0].text}, row ${row}`;
    const { clientX: x, clientY: y } = event.event;
    box.style.left = `${x + data.side + 60 > innerWidth ? x - data.side - 40 : x + 24}px`;
    box.style.top = `${Math.min(y + 18, innerHeight - data.side - 60)}px`;
    box.style.display = 'block';
  };
  const hide = () => { box.style.display = 'none'; };
  let plot = null;
  const leave = () => {
    plot?.removeListener?.('plotly_hover', show);
    plot?.removeListener?.('plotly_unhover', hide);
  };
  const attach = () => {
    const found = document.querySelector(`.st-key-${data.key} .js-plotly-plot`);
    if (!found?.on || found === plot) return;
    leave();
    plot = found;
    plot.on('plotly_hover', show);
    plot.on('plotly_unhover', hide);
  };
  attach();
  const looking = setInterval(attach, 300);
  return () => { clearInterval(looking); leave(); };
}
"""
_peek = st.components.v2.component("peek", html=_HTML, css=_CSS, js=_JS)


def show_images(chart: str, images: Images) -> None:
    """Show an image for the point under the pointer.

    Args:
        chart: the key of the Plotly chart; ``customdata`` of its points is the image's place and its row.
        images: uint8 ``(N, 28, 28)``.
    """
    columns = int(np.ceil(np.sqrt(len(images))))
    _peek(
        key=f"{chart}-peek",
        data={"sheet": tiles.sheet(images, columns), "columns": columns, "side": SIDE, "key": chart},
        height=1,
    )
