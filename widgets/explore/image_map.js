export default function ({ data, parentElement }) {
  const box = parentElement.querySelector(".peek");
  const ink = box.querySelector("i"),
    name = box.querySelector("b");
  ink.style.maskImage = `url(${data.sheet})`;
  ink.style.maskSize = `${data.columns * data.side}px auto`;
  const show = (event) => {
    const [place, row] = event.points[0].customdata;
    const column = place % data.columns,
      line = Math.floor(place / data.columns);
    ink.style.maskPosition = `${-column * data.side}px ${-line * data.side}px`;
    name.textContent = `${event.points[0].text}, row ${row}`;
    const { clientX: x, clientY: y } = event.event;
    box.style.left = `${x + data.side + 60 > innerWidth ? x - data.side - 40 : x + 24}px`;
    box.style.top = `${Math.min(y + 18, innerHeight - data.side - 60)}px`;
    box.style.display = "block";
  };
  const hide = () => {
    box.style.display = "none";
  };
  let plot = null;
  const leave = () => {
    plot?.removeListener?.("plotly_hover", show);
    plot?.removeListener?.("plotly_unhover", hide);
  };
  const attach = () => {
    const found = document.querySelector(`.st-key-${data.key} .js-plotly-plot`);
    if (!found?.on || found === plot) return;
    leave();
    plot = found;
    plot.on("plotly_hover", show);
    plot.on("plotly_unhover", hide);
  };
  attach();
  const looking = setInterval(attach, 300);
  return () => {
    clearInterval(looking);
    leave();
  };
}
