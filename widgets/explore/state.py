"""What the Explore page looks at: one value that every section reads."""

from dataclasses import dataclass

import streamlit as st

from emnist_core import data
from emnist_core.splits import SPLITS, Part, Split
from widgets.parts import pickers


@dataclass(frozen=True)
class Selection:
    """What is chosen in the line of controls.

    Attributes:
        split: the split.
        part: the part of it.
        dataset_kind: EMNIST or the sample.
        chosen: a class index, or None for any.
    """

    split: Split
    part: Part
    dataset_kind: data.DatasetKind
    chosen: int | None

    def load(self, part: Part | None = None) -> data.Dataset:
        """The images of the chosen part, or of ``part``; raises ``DataError`` when they are not there."""
        return data.load(self.split.name, part or self.part, self.dataset_kind)


def choose() -> Selection:
    """Show the line of controls."""
    # Split, part and class fit into one line of a phone.
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(width=140):
            split = SPLITS[pickers.choose_split(list(SPLITS))]
        with st.container(width=95):
            part: Part = st.selectbox("Part", ["train", "test"], key="part", bind="query-params")
        with st.container(width=85):
            chosen = pickers.choose_label(split.labels, "class", "Class")
        with st.container(width=270):
            source = pickers.choose_dataset_kind(split.name, part)
    return Selection(split, part, source, chosen)
