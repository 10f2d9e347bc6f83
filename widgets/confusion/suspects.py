"""Images whose label is probably wrong, as a list to page through and to download."""

from collections.abc import Sequence

import streamlit as st

from emnist_core.data import Dataset
from emnist_core.evaluation import comparison
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.label_errors import strong_suspects, suspects
from emnist_core.runs import Run
from widgets.parts import clicks, evaluations, gallery


@st.fragment
def show(evaluation: Evaluation, dataset: Dataset | None, runs: Sequence[Run]) -> None:
    """The list, of one model or of all of them."""
    clicks.listen()
    others = comparison.on_same_images(evaluation, runs)
    st.markdown(
        "An error of the model, or of whoever wrote the label? By **confident learning** an image is suspect when "
        "the model is surer that it is of another class than it usually is about that class. Where **every model** "
        "says the same, the label is the likelier culprit. Probabilities of the test part are out of sample, as the "
        "method asks."
    )
    agreed = st.toggle(
        f"Only where all {len(others) + 1} models agree", value=bool(others), key="agreed", bind="query-params"
    )
    frame = strong_suspects(evaluation, list(others.values())) if agreed else suspects(evaluation)
    table = frame.drop(columns="index").assign(
        label=[evaluation.labels[i] for i in frame["label"]],
        suggested=[evaluation.labels[i] for i in frame["suggested"]],
    )
    st.subheader(f"{len(frame):,} suspects among {evaluation.n:,} labels", anchor=False)
    st.markdown(
        f"{evaluation.wrong:,} answers are wrong; {evaluation.wrong - len(frame):,} of them are not excused by a "
        "doubtful label."
    )
    if dataset is None:
        evaluations.without_images(evaluation)
    elif len(frame):
        page = gallery.page_of(len(frame))
        gallery.show(evaluation, dataset, frame["index"][page])
    st.dataframe(table, hide_index=True)
    name = f"{evaluation.run_name}-{evaluation.split}-suspects.csv"
    st.download_button("The list as CSV", table.to_csv(index=False), name, "text/csv", icon=":material/download:")
