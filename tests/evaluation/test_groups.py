"""Classes taken together, against scikit-learn on relabelled answers."""

import pytest
from made import evaluation
from sklearn.metrics import accuracy_score, confusion_matrix

from emnist_core.evaluation.groups import AMBIGUOUS, GroupError, by_merge, collapse, parse
from emnist_core.evaluation.predictions import Evaluation
from emnist_core.splits import BYMERGE_LABELS, SPLITS


def test_collapsed_figures_are_scikit_learns_on_relabelled_answers() -> None:
    whole = evaluation(n=3000)
    groups = parse(" ".join(AMBIGUOUS), whole.labels)
    found = collapse(whole, groups)
    of = {label: next((g for g in groups if label in g), label) for label in whole.labels}
    names = list(dict.fromkeys(of.values()))
    predicted = [of[whole.labels[i]] for i in whole.predicted]
    true = [of[whole.labels[i]] for i in whole.true]
    assert found.accuracy == pytest.approx(accuracy_score(true, predicted))
    assert (found.confusion == confusion_matrix(true, predicted, labels=names)).all()
    assert found.accuracy > whole.accuracy
    assert found.probabilities.sum(axis=1) == pytest.approx(1, abs=1e-4)
    assert "F/f" in found.labels
    within = sum(whole.confusion[i, j] for g in groups for i in at(whole, g) for j in at(whole, g) if i != j)
    assert round((found.accuracy - whole.accuracy) * whole.n) == within


def at(whole: Evaluation, group: str) -> list[int]:
    return [whole.labels.index(c) for c in group]


def test_balanced_lacks_the_merged_small_letters() -> None:
    assert parse(" ".join(AMBIGUOUS), BYMERGE_LABELS) == ("0O", "1IL", "Ff", "9qg")
    assert parse("Cc, Ff", BYMERGE_LABELS) == ("Ff",)
    assert parse("", BYMERGE_LABELS) == ()


def test_a_label_is_in_one_group_only() -> None:
    with pytest.raises(GroupError, match="F is in two groups"):
        parse("Ff FE", BYMERGE_LABELS)


def test_byclass_seen_as_bymerge() -> None:
    whole = evaluation("byclass", n=2000)
    merged = by_merge(whole)
    assert merged.labels == BYMERGE_LABELS == SPLITS["bymerge"].labels
    written = [whole.labels[i] for i in whole.true]
    expected = [c if c in BYMERGE_LABELS else c.upper() for c in written]
    assert [merged.labels[i] for i in merged.true] == expected
    assert merged.n == whole.n
    with pytest.raises(GroupError, match="62 classes"):
        by_merge(evaluation("digits"))
