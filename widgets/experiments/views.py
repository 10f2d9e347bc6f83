"""The report's tables with our figures beside them, and one row looked at closely."""

import numpy as np
import pandas as pd
import streamlit as st

from emnist_core import charts
from emnist_core.evaluation import intervals
from emnist_core.sweeps import results
from emnist_core.sweeps.results import Experiment
from emnist_core.sweeps.spec import Row, Sweep
from widgets import navigation
from widgets.parts import figures, matrix, matrix_cells
from widgets.parts.figures import Figure

WIDTHS = {"optimizer": 80, "batch size": 75, "epochs": 65, "dropout": 60, "report": 70, "ours": 105, "95 %": 85}
"""In pixels, so that a table of the report needs no sideways scroll on a desk."""


def choose_row(sweep: Sweep) -> Row:
    """A select box of the table's rows, the report's best before the others, which is the default."""
    best = max(sweep.rows, key=lambda row: row.report_accuracy or 0.0)
    by_name = {row.name: row for row in (best, *sweep.rows)}
    return by_name.get(st.selectbox("Row", list(by_name), key="experiment", bind="query-params"), best)


def show_table(sweep: Sweep, chosen: Row) -> None:
    """The table; a click on a row chooses it."""
    names = [row.name for row in sweep.rows]
    # A table that is chosen from elsewhere too is another table each time, so that it marks what is chosen.
    key = f"table-{sweep.name}-{chosen.name}"

    def choose() -> None:
        selection = st.session_state[key].selection
        # A cell stays chosen beside a row that is ticked after it: what is new is what is not on show.
        for number in (*selection.rows, *(row for row, _ in selection.cells)):
            if number < len(names) and names[number] != chosen.name:
                st.session_state["experiment"] = names[number]

    st.dataframe(
        as_read(results.table(sweep)),
        hide_index=True,
        key=key,
        on_select=choose,
        selection_mode=["single-row", "single-cell"],
        selection_default={"selection": {"rows": [names.index(chosen.name)]}},
        height="content",
        column_config={name: st.column_config.TextColumn(width=width) for name, width in WIDTHS.items()},
    )


def as_read(table: pd.DataFrame) -> pd.DataFrame:
    """The table of ``results.table`` as people read it: settings where the report has them, names otherwise."""
    figures = ["report", "ours", "low", "high", "n", "validation", "epochs_trained", "epochs"]
    is_reports = table["report"].notna().any()
    shown = table.drop(columns=["row", *figures]) if is_reports else table[["row"]]
    shown = shown.rename(columns=lambda name: str(name).replace("_", " "))
    shown["epochs"] = [
        f"{epochs}" if pd.isna(trained) or trained == epochs else f"{int(trained)} of {epochs}"
        for trained, epochs in zip(table["epochs_trained"], table["epochs"], strict=True)
    ]
    if is_reports:
        shown["report"] = table["report"].map(_percent)
    else:
        shown["validation"] = table["validation"].map(_percent)
    shown["ours"] = [_ours(ours, trained) for ours, trained in zip(table["ours"], table["epochs_trained"], strict=True)]
    shown["95 %"] = [
        "" if pd.isna(low) else intervals.in_words(low, high)
        for low, high in zip(table["low"], table["high"], strict=True)
    ]
    return shown


def _percent(share: float) -> str:
    return "" if pd.isna(share) else f"{share:.2%}"


def _ours(ours: float, trained: float) -> str:
    if pd.isna(trained):
        return "not trained yet"
    return "not tested" if pd.isna(ours) else _percent(ours)


def say_how(sweep: Sweep) -> None:
    """What the columns are, what all rows come to, and what trains them again."""
    if sweep.rows[0].report_accuracy is not None:
        said = "*report*: the accuracy it published, on the official rows. *ours*: test accuracy"
    elif sweep.rows[0].test:
        said = "*ours*: test accuracy"
    else:
        said = "*validation* decides between these rows: none of them is read on the test part"
    seeds_tested = results.across_seeds(sweep)
    if seeds_tested is not None:
        average, deviation, seeds = seeds_tested
        st.markdown(f"Mean of {seeds} seeds: **{average:.2%}**, standard deviation {deviation:.2%}.")
    above = results.above_the_first(sweep)
    if above is not None:
        st.markdown(above)
    st.caption(
        f"{said}. The test part chooses nothing. The same recipes run again with "
        f"`python -m emnist_core sweep recipes/{sweep.name}.toml`."
    )


def show_figures(row: Row, found: Experiment | None) -> None:
    """The row's figures beside the report's, and why they agree or differ."""
    shown = []
    if row.report_accuracy is not None:
        shown.append(Figure("The report", f"{row.report_accuracy:.2%}"))
    if found is not None and found.test is not None:
        interval = f"95 %: {intervals.in_words(*found.test['interval'])}"
        shown.append(Figure("Ours", f"{found.test['accuracy']:.2%}", interval))
    if found is not None:
        shown.append(Figure("Ours, validation", f"{found.run.status().validation_accuracy:.2%}"))
    if shown:
        figures.show(*shown)
    if found is None:
        st.info(f"Not trained yet: `{command(row)}`", icon=":material/hourglass_empty:")
    else:
        said = found.beside_the_report()
        if said is None and row.test and found.test is None:
            said = f"Not tested yet: `{command(row)}` does it where the test part is."
        if said is not None:
            st.markdown(said)
    if row.note:
        st.markdown(f"**Why:** {row.note}")
    if found is not None:
        st.caption(_made_on(found))


def command(row: Row) -> str:
    """What trains the row."""
    return f"python -m emnist_core sweep recipes/{row.sweep}.toml --row {row.name}"


def _made_on(found: Experiment) -> str:
    used, test = found.run.status().data, found.test
    said = [] if test is None else [f"Test: {test['data']['name']}, n = {test['n']:,}."]
    if used is not None and used.is_sample:
        said.append("That is the bundled sample (fonts), not EMNIST.")
    protocol = found.run.protocol() or ""
    said.append(f"{protocol[:1].upper()}{protocol[1:]}.")
    if found.is_shortened:
        said.append(f"Shortened: the report trained {found.row.full_recipe.epochs} epochs.")
    return " ".join(said)


def show_closely(found: Experiment) -> None:
    """The row's curve and confusion matrix."""
    run, test = found.run, found.test
    st.subheader("Its curve", anchor=False)
    st.plotly_chart(
        charts.curves(run.metrics("step"), run.metrics("epoch"), run.status().best_epoch),
        key="curves",
        config={"displayModeBar": False},
        alt="Accuracy and loss over the epochs, on training and validation images.",
    )
    if test is None:
        return
    st.subheader("Its confusion matrix", anchor=False)
    st.caption("Errors only: written down, read across, colour the share of the class.")
    title = "Confusion matrix on the test part, errors only"
    counts = np.asarray(test["confusion"])
    matrix.show(matrix.confusion(counts, run.split.labels, errors_only=True, title=title, opens=False))
    matrix_cells.listen()
    if not found.is_kept:
        navigation.link("confusion", "See its mistakes", {"run": run.name})
