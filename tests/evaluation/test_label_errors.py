"""Confident learning against cleanlab."""

import numpy as np
import pytest
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from hypothesis import given, settings
from hypothesis import strategies as st

from emnist_core.evaluation.label_errors import strong_suspects, suspects
from tests.helpers.evaluations import evaluation


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.5, 6))
def test_suspects_are_cleanlabs(seed: int, skill: float) -> None:
    made = evaluation("digits", n=500, seed=seed, skill=skill)
    expected = find_label_issues(made.true, made.probabilities, filter_by="confident_learning", n_jobs=1)
    frame = suspects(made)
    assert set(frame["row"]) == set(np.flatnonzero(expected))
    scores = get_label_quality_scores(made.true, made.probabilities, method="self_confidence")
    assert frame["quality"].to_numpy() == pytest.approx(scores[frame["row"]])
    assert frame["quality"].is_monotonic_increasing


def test_a_planted_error_is_found_and_agreed_upon() -> None:
    first, second = evaluation(skill=9, n=900), evaluation(skill=9, n=900, seed=5)
    row = int(np.minimum(first.confidence, second.confidence).argmax())
    for made in (first, second):
        made.true[row] = (made.true[row] + 20) % 47  # an error of the labels, which both models see through
    assert row in set(strong_suspects(first, [second])["row"])
    assert len(strong_suspects(first, [second])) <= len(suspects(first))


def test_rows_are_those_of_the_data_where_images_were_left_out() -> None:
    whole, other = evaluation(n=3000), evaluation(n=3000, seed=5)
    rows = np.arange(700, 3000, 2)
    for frame in (suspects(whole.at(rows)), strong_suspects(whole.at(rows), [other.at(rows)])):
        assert len(frame)
        assert set(frame["row"]) <= set(rows)
        assert (whole.true[frame["row"]] == frame["label"]).all()
        assert (rows[frame["index"]] == frame["row"]).all()
        given = whole.probabilities[frame["row"], frame["label"]]
        assert frame["quality"].to_numpy() == pytest.approx(given)
