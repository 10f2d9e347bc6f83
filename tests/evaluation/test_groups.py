"""Classes taken together, against scikit-learn on relabelled answers."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix

from emnist_core.evaluation.evaluation import Evaluation, by_merge, merge_classes
from emnist_core.evaluation.groups import (
    AMBIGUOUS,
    KINDS,
    GroupError,
    holding,
    kinds_of,
    parse,
    table,
)
from emnist_core.splits import BYMERGE_LABELS, SPLITS
from tests.helpers.evaluations import evaluation


def test_collapsed_figures_are_scikit_learns_on_relabelled_answers() -> None:
    whole = evaluation(n=3000)
    groups = parse(" ".join(AMBIGUOUS), whole.labels)
    found = merge_classes(whole, groups)
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


def test_kinds_take_their_classes_out_of_the_groups() -> None:
    whole = evaluation(n=3000)
    found = merge_classes(whole, ("0O", "9qg"), ("0-9", "A-Z"))
    assert found.labels == ("0-9", "A-Z", "a", "b", "d", "e", "f", "q/g", "h", "n", "r", "t")

    def named(label: str) -> str:
        if label in "gq":
            return "q/g"
        return "0-9" if label.isdigit() else "A-Z" if label.isupper() else label

    true = [named(whole.labels[i]) for i in whole.true]
    predicted = [named(whole.labels[i]) for i in whole.predicted]
    assert found.accuracy == pytest.approx(accuracy_score(true, predicted))
    assert (found.confusion == confusion_matrix(true, predicted, labels=list(found.labels))).all()


def test_a_label_goes_by_its_kind_and_back() -> None:
    collapsed = table(BYMERGE_LABELS, ("Ff",), tuple(KINDS))[1]
    assert collapsed == ("0-9", "A-Z", "a-z")
    assert [holding(collapsed, label) for label in ("7", "F", "f", "0/O")] == ["0-9", "A-Z", "a-z", "0-9"]
    assert holding(BYMERGE_LABELS, "A-Z") == "A"
    assert (holding(BYMERGE_LABELS, "c"), holding(BYMERGE_LABELS, "?")) == ("C", None)
    assert holding(SPLITS["digits"].labels, "f") is None


def test_one_kind_alone_is_not_collapsed() -> None:
    assert kinds_of(BYMERGE_LABELS) == ("0-9", "A-Z", "a-z")
    assert kinds_of(SPLITS["digits"].labels) == kinds_of(SPLITS["letters"].labels) == ()


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


def test_ungrouped_is_every_class_for_itself_and_of_the_same_images() -> None:
    whole = evaluation("byclass", n=200)
    grouped = merge_classes(by_merge(whole), ("0O",))
    assert whole.ungrouped is whole
    assert grouped.ungrouped is whole
    cut = grouped.at(np.arange(50, 100))
    assert cut.ungrouped.n == cut.n == 50
    assert (cut.ungrouped.true == whole.true[50:100]).all()
