"""Which classes are taken for one another, and how often."""

import pandas as pd

from widgets.parts import plain_table

COLUMNS = {
    "pair": "pair",
    "errors": "errors",
    "first_as_second": "first read as second",
    "second_as_first": "second read as first",
    "share": "share of all errors",
}


def show(pairs: pd.DataFrame) -> None:
    """Draw rows of ``figures.confused_pairs``."""
    plain_table.show(pairs[list(COLUMNS)].rename(columns=COLUMNS), {COLUMNS["share"]: "{:.1%}".format})
