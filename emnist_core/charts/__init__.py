"""Tidy frames in, Plotly figures out, a file a topic. No Streamlit here, so tests can read the figures."""

from emnist_core.charts.classes import class_counts
from emnist_core.charts.confusion import confusion, confusion_difference
from emnist_core.charts.curves import curves
from emnist_core.charts.reliability import reject, reliability

__all__ = ["class_counts", "confusion", "confusion_difference", "curves", "reject", "reliability"]
