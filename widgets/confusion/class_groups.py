"""Choosing which classes count as one."""

from collections.abc import Callable, Sequence

import streamlit as st

from emnist_core.evaluation.evaluation import Evaluation, by_merge, merge_classes
from emnist_core.evaluation.groups import AMBIGUOUS, kinds_of, parse
from emnist_core.splits import SPLITS

KINDS = {"0-9": "digits", "A-Z": "capitals", "a-z": "small letters"}
GROUPS = (" ".join(AMBIGUOUS), *AMBIGUOUS)

Merge = Callable[[Evaluation], Evaluation]


def choose(evaluation: Evaluation) -> Merge:
    """What merges the classes that the person names, in this evaluation and in others with its classes.

    Args:
        evaluation: with every class for itself.
    """
    with st.popover("Merge classes", width="stretch"):
        is_merged = _is_seen_as_bymerge(evaluation)
        labels = by_merge(evaluation).labels if is_merged else evaluation.labels
        written = st.selectbox(
            "Merge look-alikes",
            GROUPS,
            index=None,
            key="groups",
            bind="query-params",
            accept_new_options=True,
            placeholder="none",
            help="Classes that count as one, e.g. `0O 1IL`: labels side by side, groups with a space between. "
            "The accuracy is recomputed from the same answers.",
        )
        kinds = _choose_kinds(labels)
    groups = parse(written or "", labels)

    def merge(evaluation: Evaluation) -> Evaluation:
        return merge_classes(by_merge(evaluation) if is_merged else evaluation, groups, kinds)

    return merge


def _is_seen_as_bymerge(evaluation: Evaluation) -> bool:
    """Whether the person wants the 62 classes of ByClass seen as the 47 of ByMerge; asked for those only."""
    return evaluation.labels == SPLITS["byclass"].labels and st.toggle(
        "Seen as ByMerge",
        key="merged",
        bind="query-params",
        help="The 15 letters whose two cases have one shape count as one class each. The accuracy is recomputed "
        "from the same answers.",
    )


def _choose_kinds(labels: Sequence[str]) -> list[str]:
    """The kinds of class that are one row and column each."""
    kinds = kinds_of(labels)
    if not kinds:
        return []
    return st.pills(
        "Group as one class", kinds, selection_mode="multi", key="kinds", bind="query-params",
        format_func=KINDS.__getitem__,
        help="Digits, capitals (with the small letters that are merged into them) or small letters as one class "
        "each. A class that is in one of these is in no other group.",
    )  # fmt: skip
