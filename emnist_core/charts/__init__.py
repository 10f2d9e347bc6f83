"""Tidy frames in, Plotly figures out, a file a topic. No Streamlit here, so tests can read the figures."""

from emnist_core.charts.classes import class_counts
from emnist_core.charts.confusion import confusion
from emnist_core.charts.curves import curves

__all__ = ["class_counts", "confusion", "curves"]
