"""Choosing a run, a split or a class; what is chosen stands in the URL, so that it can be linked to."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeVar

import streamlit as st

from emnist_core import data, runs
from emnist_core.runs import Run
from emnist_core.splits import SPLITS, Part

Choice = TypeVar("Choice", bound=str)
NO_RUN = "There is no trained run yet. Train one on the Train page."


def servable_runs() -> list[Run]:
    """Every run with a serving model; where there is none, a word on what makes one, and the page ends."""
    available = runs.servable_runs()
    if not available:
        st.info(NO_RUN)
        st.stop()
    return available


def choose_run(available: Sequence[Run], key: str = "run", label: str = "Run", is_labelled: bool = True) -> Run:
    """A select box of runs by name, LeNet-5 v2 before the others where it is there; the first is the default.

    Where it is not labelled, its label is only read out. A default further down would be a second value beside one
    that the session brings from another page.
    """
    by_name = {run.name: run for run in sorted(available, key=lambda run: run.name != "lenet5-v2")}
    visibility: Literal["visible", "collapsed"] = "visible" if is_labelled else "collapsed"
    name = st.selectbox(label, list(by_name), key=key, bind="query-params", label_visibility=visibility)
    st.session_state["last-run"] = name
    return by_name.get(name) or next(iter(by_name.values()))


def choose_one(
    label: str, choices: Mapping[Choice, str] | Sequence[Choice], *, key: str, is_named: bool = True
) -> Choice:
    """One of a few things that stand side by side; the first to begin with.

    Args:
        label: what is chosen.
        choices: their names in the URL, and what they are called where that differs.
        key: the URL parameter.
        is_named: whether the label is seen, not only read out.
    """
    first = next(iter(choices))
    chosen: Choice | None = st.segmented_control(
        label, list(choices), default=first, key=key, bind="query-params", required=True,
        format_func=choices.__getitem__ if isinstance(choices, Mapping) else str,
        label_visibility="visible" if is_named else "collapsed",
    )  # fmt: skip
    return chosen or first  # a client may send nothing, though this page's widget does not


def choose_space() -> str:
    """In what images are compared: ``"pixels"``, or ``"features"`` for what the run's model sees."""
    return choose_one("Near in", {"pixels": "pixels", "features": "the model's features"}, key="space")


def choose_label(labels: Sequence[str], key: str, label: str, default: str | None = None) -> int | None:
    """A select box of labels; returns the index of the chosen one, at first of ``default``, or None."""
    if default in labels and key not in st.session_state and key not in st.query_params:
        st.session_state[key] = default
    name = st.selectbox(label, labels, index=None, key=key, bind="query-params", placeholder="any")
    return labels.index(name) if name in labels else None


def choose_split(names: Sequence[str]) -> str:
    """A select box of splits by their titles."""
    chosen: str = st.selectbox(
        "Split", names, key="split", bind="query-params", format_func=lambda name: SPLITS[name].title
    )
    return chosen


def choose_dataset_kind(split: str, part: Part, key: str = "source") -> data.DatasetKind:
    """EMNIST or the sample, where both are there; otherwise the one that is, without asking."""
    if not data.is_installed(split, part):
        return "sample"
    kinds: dict[data.DatasetKind, str] = {"emnist": "EMNIST", "sample": "bundled sample"}
    return choose_one("Data", kinds, key=key)


def test_part_name(dataset: data.Dataset) -> str:
    """What a test part is called in a box and in the URL."""
    return f"{'sample' if dataset.is_sample else 'EMNIST'} {dataset.split.name}"
