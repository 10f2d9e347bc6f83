"""Tidy frames in, Plotly figures out, a file a topic. No Streamlit here, so tests can read the figures."""

from emnist_core.charts.bars import letter_cases, spread, units
from emnist_core.charts.curves import curves, followed, pair_errors
from emnist_core.charts.live_curves import live_curves
from emnist_core.charts.maps import PICKED, atlas, class_colours, likeness
from emnist_core.charts.overlaid import overlaid
from emnist_core.charts.pair import along, by_training_images, leaning, plane, shares
from emnist_core.charts.reliability import reject, reliability
from emnist_core.charts.style import MARKS

__all__ = [
    "MARKS",
    "PICKED",
    "along",
    "atlas",
    "by_training_images",
    "class_colours",
    "curves",
    "followed",
    "leaning",
    "letter_cases",
    "likeness",
    "live_curves",
    "overlaid",
    "pair_errors",
    "plane",
    "reject",
    "reliability",
    "shares",
    "spread",
    "units",
]
