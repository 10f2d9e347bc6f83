"""What the Explore page looks at: one value that every section reads."""

from dataclasses import dataclass

import streamlit as st

from emnist_core import data
from emnist_core.splits import SPLITS, Part, Split
from widgets import pickers


@dataclass(frozen=True)
class Looked:
    """What is chosen in the line of controls.

    Attributes:
        split: the split.
        part: the part of it.
        source: EMNIST or the sample.
        chosen: a class index, or None for any.
    """

    split: Split
    part: Part
    source: data.SourceName
    chosen: int | None

    @property
    def is_absent(self) -> bool:
        """Whether there is nothing to show, not even the sample."""
        return self.source == "sample" and self.split.name == "byclass"

    def load(self, part: Part | None = None) -> data.Dataset:
        """The images of the chosen part, or of ``part``; raises ``DataError`` when they are not there."""
        return data.load(self.split.name, part or self.part, self.source)


def choose() -> Looked:
    """Show the line of controls."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width=190):
            split = SPLITS[pickers.choose_split(list(SPLITS))]
        with st.container(width=130):
            part: Part = st.selectbox("Part", ["train", "test"], key="part", bind="query-params")
        with st.container(width=110):
            chosen = pickers.choose_class(split, "class", "Class")
        with st.container(width=270):
            source = pickers.choose_source(split.name, part)
    return Looked(split, part, source, chosen)
