"""Whether confidence can be taken at its word, and what answering only when sure brings."""

import streamlit as st

from emnist_core import charts
from emnist_core.evaluation import calibration
from emnist_core.evaluation.evaluation import Evaluation
from widgets.parts import plain_table

WANTED = (0.95, 0.99, 0.999)
COLUMNS = {
    "low": "confidence from",
    "high": "to",
    "n": "images",
    "confidence": "mean confidence",
    "accuracy": "accuracy",
    "accuracy_low": "95 % from",
    "accuracy_high": "95 % to",
}


def show(evaluation: Evaluation) -> None:
    """Draw both curves, with what they say in words."""
    table = calibration.reliability(evaluation.confidence, evaluation.is_right)
    curve = calibration.reject_curve(evaluation.confidence, evaluation.is_right)
    left, beside = st.columns(2, gap="large")
    with left:
        st.subheader("Is it as sure as it is right?", anchor=False)
        st.plotly_chart(
            charts.reliability(table),
            key="reliability",
            config={"displayModeBar": False},
            alt="Accuracy against confidence in 15 bins, with 95 % intervals; the table below has the numbers.",
        )
        error = calibration.expected_calibration_error(table)
        mean = float(evaluation.confidence.mean()) if evaluation.n else 0.0
        st.markdown(
            f"Expected calibration error **{error:.2%}** in 15 bins (n = {evaluation.n:,}). Confidence is "
            f"{mean:.2%} on average, accuracy {evaluation.accuracy:.2%}: it is "
            f"**{'over' if mean > evaluation.accuracy else 'under'}confident**."
        )
    with beside:
        st.subheader("What if it answers only when sure?", anchor=False)
        st.plotly_chart(
            charts.reject(curve),
            key="reject",
            config={"displayModeBar": False},
            alt="Accuracy of the answers against the share of images answered, the surest first.",
        )
        answered = [f"{w:.1%} right: {calibration.answered_at(curve, w):.1%} answered" for w in WANTED]
        st.markdown("; ".join(answered) + ".")
    shown = table.rename(columns=COLUMNS)
    plain_table.show(shown, {name: "{:.1%}".format for name in COLUMNS.values() if name != "images"})
