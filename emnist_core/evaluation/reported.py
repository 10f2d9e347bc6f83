"""What the report published about single classes, to stand beside one's own counts."""

import pandas as pd

from emnist_core.splits import BYMERGE_LABELS

WRONG = {"f": 169, "F": 106}
"""Images read wrongly of 400 each, by LeNet-5 v2 on the official Balanced test part."""

SOURCE = (
    "*wrong in the report* is what the report published for its LeNet-5 v2 on the official Balanced test part "
    "(n = 18,800, 400 of each class): f 169, F 106. It named no other class."
)


def beside(per_class: pd.DataFrame, labels: tuple[str, ...], split: str) -> pd.DataFrame:
    """The table of ``figures.per_class``, most wrong first; for Balanced with the report's counts beside it."""
    table = per_class.sort_values("wrong", ascending=False, kind="stable", ignore_index=True)
    if split == "balanced" and labels == BYMERGE_LABELS:
        table.insert(3, "wrong in the report", table["label"].map(WRONG).astype("Int64"))
    return table
