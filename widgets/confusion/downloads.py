"""What can be downloaded from the Confusion page; each file is made when it is asked for."""

import streamlit as st

from emnist_core.data import Dataset
from emnist_core.evaluation import exports
from emnist_core.evaluation.evaluation import Evaluation
from widgets.confusion import report


def show(evaluation: Evaluation, dataset: Dataset | None) -> None:
    """A button a file."""
    stem = f"{evaluation.run_name}-{evaluation.split}-{evaluation.part}"
    wrong = evaluation.n - int(evaluation.confusion.trace())
    st.markdown("Each file is made from what is on the screen above, merged classes included.")
    with st.container(horizontal=True):
        _button("Matrix as CSV", lambda: exports.matrix_csv(evaluation), f"{stem}-matrix.csv", "text/csv")
        _button("Matrix as PNG", lambda: exports.matrix_png(evaluation), f"{stem}-matrix.png", "image/png")
        _button(
            f"The {wrong:,} wrong answers as CSV",
            lambda: exports.wrong_table(evaluation).to_csv(index=False),
            f"{stem}-wrong.csv",
            "text/csv",
        )
        if dataset is not None:
            _button(
                f"The {wrong:,} wrong images as PNG, in folders",
                lambda: exports.wrong_images(evaluation, dataset),
                f"{stem}-wrong.zip",
                "application/zip",
            )
        _button("This page as one HTML file", lambda: report.page(evaluation, dataset), f"{stem}.html", "text/html")
    if dataset is not None and not dataset.is_sample:
        st.caption("Images come from your own copy of EMNIST.")


def _button(label: str, make: object, name: str, kind: str) -> None:
    st.download_button(label, make, name, kind, icon=":material/download:", on_click="ignore")  # type: ignore[arg-type]
