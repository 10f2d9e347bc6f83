"""The confusion matrix of a run: click a cell and see the very images behind it."""

import streamlit as st

from emnist_core import charts, data, runs
from emnist_core.evaluation.predictions import Evaluation, evaluate, fits, stored_evaluations
from emnist_core.runs import Run
from emnist_core.splits import SPLITS
from widgets import page, pickers, tiles

PAGE_SIZE = 60


def choose_evaluation(run: Run) -> tuple[Evaluation, data.Dataset | None]:
    """The evaluation to look at, and its images where they are on this machine."""
    # What is evaluated or fetched later does not change the titles, so a link to them stays good.
    kept = {title(e.data_name, e.part, e.n): e for e in stored_evaluations(run)}
    here = {title(d.name, d.part, len(d)): d for d in on_this_machine(run)}
    chosen = st.selectbox("Evaluated on", list(kept | here), key="data", bind="query-params")
    if chosen not in here:
        return kept[chosen], None
    bar = st.empty()
    evaluation = evaluate(run, here[chosen], lambda share: bar.progress(share, f"Reading the images … {share:.0%}"))
    bar.empty()
    return evaluation, here[chosen]


def title(name: str, part: str, n: int) -> str:
    """What an evaluation is called in the select box and in the URL."""
    return f"{name}, {part} (n = {n:,})"


def on_this_machine(run: Run) -> list[data.Dataset]:
    """Test parts that the run fits: the fetched ones, then the sample."""
    installed = data.installed()
    splits = [row.split for row in installed.itertuples() if row.part == "test" and fits(run, row.split)]
    found = [data.load(split, "test", "emnist") for split in splits]
    if run.recipe.split != "byclass":
        found.append(data.load(run.recipe.split, "test", "sample"))
    return found


def take_click() -> None:
    """Copy a clicked cell into the two select boxes, which the URL keeps."""
    points = st.session_state["matrix"]["selection"]["points"]
    if points:
        true, predicted = points[0]["customdata"][:2]
        labels = st.session_state["labels"]
        st.session_state["true"], st.session_state["pred"] = labels[int(true)], labels[int(predicted)]


def show_cell(true: str, predicted: str) -> None:
    """Go to a cell."""
    st.session_state["true"], st.session_state["pred"] = true, predicted


# Where it is narrow the matrix scrolls, rather than have its labels run into one another.
STYLE = "<style>.st-key-matrix{overflow-x:auto}.st-key-matrix>div{min-width:38rem}</style>"

# The figure is the same for the same counts, so that a selection survives a rerun.
matrix = st.cache_data(charts.confusion, max_entries=20, show_spinner=False)


@st.fragment
def cell_and_matrix(evaluation: Evaluation, dataset: data.Dataset | None) -> None:
    """The matrix with its cell beside it; a click reruns only this."""
    left, right = st.columns([3, 2], gap="large")
    st.session_state["labels"] = evaluation.labels
    with left:
        with st.container(horizontal=True):
            shown = st.segmented_control(
                "Cells show", ["share", "count"], default="share", key="cells", bind="query-params", required=True,
                format_func={"share": "share of the true class", "count": "counts"}.__getitem__,
            )  # fmt: skip
            errors_only = st.toggle("Errors only", value=True, key="errors", bind="query-params")
        st.html(STYLE)
        st.plotly_chart(
            matrix(evaluation.confusion, evaluation.labels, shown or "share", errors_only),
            key="matrix",
            on_select=take_click,
            selection_mode="points",
            config={"displayModeBar": False},
            alt=f"Confusion matrix of {evaluation.run_name}; the pairs below say the same in words.",
        )
    with right:
        show_gallery(evaluation, dataset)


def show_gallery(evaluation: Evaluation, dataset: data.Dataset | None) -> None:
    """The images of the chosen cell, most wrong first."""
    split = SPLITS[evaluation.split]
    first, second = st.columns(2)
    with first:
        true = pickers.choose_class(split, "true", "True class", "f")
    with second:
        predicted = pickers.choose_class(split, "pred", "Read as", "F")
    if true is None or predicted is None:
        st.write("Click a cell, or choose a true class and what it was read as.")
        return
    rows = evaluation.cell(true, predicted)
    support = int(evaluation.confusion[true].sum())
    st.markdown(f"#### {len(rows)} of {support} images of `{split.labels[true]}` read as `{split.labels[predicted]}`")
    if dataset is None:
        st.info(
            f"The predictions are here, the images of {evaluation.data_name} are not: "
            f"`python -m emnist_core fetch {evaluation.split} --from FOLDER` brings them.",
            icon=":material/image_not_supported:",
        )
        return
    if len(rows) == 0:
        st.write("No image is in this cell.")
        return
    pages = -(-len(rows) // PAGE_SIZE)
    number = 1 if pages == 1 else st.number_input("Page", 1, pages, key=f"page-{true}-{predicted}")
    tiles.grid(
        [
            tiles.Tile(
                dataset.images[row],
                split.labels[true],
                split.labels[predicted],
                float(evaluation.confidence[row]),
                f"row {row}",
            )
            for row in rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        ]
    )
    st.caption("Most confident first: the most wrong of the wrong.")


def show_pairs(evaluation: Evaluation) -> None:
    """The most confused pairs, each a click away."""
    st.subheader("Most confused pairs", anchor=False)
    pairs = evaluation.confused_pairs
    with st.container(horizontal=True):
        for pair in pairs.head(8).itertuples():
            st.button(
                f"{pair.pair}  ({pair.errors})",
                key=f"pair-{pair.pair}",
                on_click=show_cell,
                args=(pair.first, pair.second)
                if pair.first_as_second >= pair.second_as_first
                else (pair.second, pair.first),
            )
        st.button("f / F", icon=":material/star:", key="pair-f-F", on_click=show_cell, args=("f", "F"))
    st.dataframe(
        pairs.head(30)[["pair", "errors", "first_as_second", "second_as_first", "share"]],
        hide_index=True,
        column_config={
            "first_as_second": "first read as second",
            "second_as_first": "second read as first",
            "share": st.column_config.ProgressColumn("share of all errors", format="percent"),
        },
    )


page.header(
    "Confusion",
    "Rows are what was written, columns what the model read; off the diagonal it was wrong. **Look for** "
    "pairs that light up on both sides of the diagonal, f and F above all, then click the cell and judge "
    "for yourself: could you tell?",
)
with page.errors_in_words():
    available = runs.servable_runs()
    if not available:
        st.info("There is no trained run yet. Train one on the Train page.")
        st.stop()
    left, right = st.columns([1, 2])
    with left:
        run = pickers.choose_run(available)
    with right:
        evaluation, dataset = choose_evaluation(run)
    wrong = evaluation.n - int(evaluation.confusion.trace())
    with st.container(horizontal=True):
        st.metric("Accuracy", f"{evaluation.accuracy:.2%}", border=True)
        st.metric("Top 5", f"{evaluation.top5:.2%}", border=True)
        st.metric("Macro F1", f"{evaluation.macro_f1:.4f}", border=True)
        st.metric("Wrong", f"{wrong:,} of {evaluation.n:,}", border=True)
    if evaluation.is_sample:
        st.info("These figures are of the **bundled sample** (fonts), not of EMNIST.", icon=":material/info:")
    cell_and_matrix(evaluation, dataset)
    show_pairs(evaluation)
    st.subheader("Every class", anchor=False)
    st.dataframe(evaluation.per_class.sort_values("wrong", ascending=False), hide_index=True)
