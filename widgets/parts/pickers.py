"""Choosing a run, a split or a class; what is chosen stands in the URL, so that it can be linked to."""

from collections.abc import Sequence

import streamlit as st

from emnist_core import data, runs
from emnist_core.runs import Run
from emnist_core.splits import SPLITS, Part, Split

NO_RUN = "There is no trained run yet. Train one on the Train page."


def servable_runs() -> list[Run]:
    """Every run with a serving model; where there is none, a word on what makes one, and the page ends."""
    available = runs.servable_runs()
    if not available:
        st.info(NO_RUN)
        st.stop()
    return available


def choose_run(available: Sequence[Run], key: str = "run", label: str = "Run") -> Run:
    """A select box of runs by name; the default is LeNet-5 v2 where it is there, otherwise the first."""
    names = [run.name for run in available]
    default = names.index("lenet5-v2") if "lenet5-v2" in names else 0
    name = st.selectbox(label, names, index=default, key=key, bind="query-params")
    st.session_state["last-run"] = name
    return available[names.index(name) if name in names else default]


def choose_space() -> str:
    """In what images are compared: ``"pixels"``, or ``"features"`` for what the run's model sees."""
    spaces = {"pixels": "pixels", "features": "the model's features"}
    chosen: str = st.segmented_control(
        "Near in", list(spaces), default="pixels", key="space", bind="query-params", required=True,
        format_func=spaces.__getitem__,
    )  # fmt: skip
    return chosen


def choose_class(split: Split, key: str, label: str, default: str | None = None) -> int | None:
    """A select box of classes; returns the class index, or None while nothing is chosen."""
    return choose_label(split.labels, key, label, default)


def choose_label(labels: Sequence[str], key: str, label: str, default: str | None = None) -> int | None:
    """A select box of labels; returns the index of the chosen one, or None while nothing is chosen."""
    index = labels.index(default) if default in labels else None
    name = st.selectbox(label, labels, index=index, key=key, bind="query-params", placeholder="any")
    return labels.index(name) if name in labels else None


def choose_split(names: Sequence[str], key: str = "split", label: str = "Split") -> str:
    """A select box of splits by their titles."""
    chosen: str = st.selectbox(label, names, key=key, bind="query-params", format_func=lambda name: SPLITS[name].title)
    return chosen


def choose_dataset_kind(split: str, part: Part, key: str = "source") -> data.DatasetKind:
    """EMNIST or the sample, where both are there; otherwise the one that is, without asking."""
    if not data.is_installed(split, part):
        return "sample"
    chosen = st.segmented_control(
        "Data", ["emnist", "sample"], default="emnist", key=key, bind="query-params", required=True,
        format_func={"emnist": "EMNIST", "sample": "bundled sample"}.__getitem__,
    )  # fmt: skip
    return "sample" if chosen == "sample" else "emnist"


def test_part_name(dataset: data.Dataset) -> str:
    """What a test part is called in a box and in the URL."""
    return f"{'sample' if dataset.is_sample else 'EMNIST'} {dataset.split.name}"
