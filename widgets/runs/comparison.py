"""Several runs side by side: their curves, the settings in which they differ, and McNemar's test."""

import html
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from emnist_core import charts
from emnist_core.collection import comparing
from emnist_core.evaluation import intervals
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.runs import Run
from widgets import navigation, page
from widgets.parts import plain_table, ranking

ALONG = {"epoch": "epochs", "step": "steps", "minutes": "minutes"}


def show(runs: Sequence[Run]) -> None:
    """The curves over each other, the answers to the same images, and the settings."""
    with page.errors_in_words():
        show_curves(runs)
        show_contests(runs)
        show_settings(runs)


@st.fragment
def show_curves(runs: Sequence[Run]) -> None:
    """Accuracy along what is chosen."""
    st.subheader("Curves", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        along = st.segmented_control(
            "Along", list(ALONG), default="epoch", key="axis", bind="query-params", required=True,
            format_func=ALONG.__getitem__, label_visibility="collapsed", width="content",
        )  # fmt: skip
        close = st.toggle("Close up", value=True, key="close", bind="query-params", width="content")
    curves = [comparing.curves(run) for run in runs]
    st.plotly_chart(
        charts.overlaid(
            [ranking.name_of(run) for run in runs],
            [one.validation for one in curves],
            [one.training for one in curves],
            along or "epoch",
            close,
        ),
        key="overlaid",
        config={"displayModeBar": False},
        alt="Accuracy of each picked run, on validation images and on training images.",
    )
    st.caption(
        "On training images while they are varied and neurons are dropped: a curve may lie below that of validation. "
        "Runs are compared fairly by it only where they hold the same images out."
    )


def show_settings(runs: Sequence[Run]) -> None:
    """Every setting, a column a run; those that differ come first, in bold."""
    st.subheader("Settings", anchor=False)
    compared = comparing.settings(runs)
    lines = "".join(_line(setting.name, setting.values, setting.differs) for setting in compared)
    head = "".join(f'<th scope="col">{html.escape(run.name)}</th>' for run in runs)
    st.html(
        f'{plain_table.STYLE}<div class="plain-table" tabindex="0"><table><thead><tr><th scope="col">setting</th>{head}'
        f"</tr></thead><tbody>{lines}</tbody></table></div>"
    )
    differing = sum(setting.differs for setting in compared)
    st.caption(
        f"{differing} of {len(compared)} settings differ: those in bold." if differing else "No setting differs."
    )


def _line(name: str, values: Sequence[str], differs: bool) -> str:
    cells = (f"<b>{html.escape(value)}</b>" if differs else html.escape(value) for value in values)
    title = name.replace("_", " ")
    return f"<tr><td>{f'<b>{title}</b>' if differs else title}</td>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


@st.fragment
def show_contests(runs: Sequence[Run]) -> None:
    """The others against the first of them, on the same images."""
    st.subheader("On the same images", anchor=False)
    together = comparing.evaluated_together(runs)
    if not together:
        st.info(
            "No two of them were evaluated on the same images; `python -m emnist_core evaluate` does it.",
            icon=":material/compare_arrows:",
        )
        return
    title = st.selectbox("Evaluated on", list(together), key="common", bind="query-params")
    evaluations = together.get(title) or next(iter(together.values()))
    first, *others = evaluations
    plain_table.show(_contests(first, others))
    st.caption(
        f"The difference is to {first.run_name}, in points, on the images that neither was trained on. p is McNemar's, "
        "exact, of each pair by itself: of twenty pairs that are alike, one falls below 0.05 by chance."
    )
    pair = {"run": first.run_name, "view": "Two runs", "with": others[0].run_name}
    navigation.link("confusion", f"Where {first.run_name} and {others[0].run_name} disagree", pair)


def _contests(first: Evaluation, others: Sequence[Evaluation]) -> pd.DataFrame:
    rows = [_figures(first) | dict.fromkeys(("difference", "95 % of it", "p"), "")]
    for other in others:
        found = comparing.contest(other, first)
        rows.append(
            _figures(other)
            | {
                "difference": f"{100 * found.difference:+.2f}",
                "95 % of it": intervals.in_words(found.low, found.high, signed=True),
                "p": f"{found.p:.2g}",
            }
        )
    return pd.DataFrame(rows)


def _figures(evaluation: Evaluation) -> dict[str, str]:
    return {
        "run": evaluation.run_name,
        "accuracy": f"{evaluation.accuracy:.2%}",
        "95 %": intervals.in_words(*evaluation.interval),
        "n": f"{evaluation.n:,}",
    }
