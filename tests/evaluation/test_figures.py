"""Figures against scikit-learn, and pairs against counting one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics

from emnist_core.evaluation import figures
from emnist_core.evaluation.evaluation import Evaluation

LABELS = tuple("0123AFfq")
CLASSES = len(LABELS)


@st.composite
def answers(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """True classes and float32 probabilities without ties; some classes may never occur."""
    count = draw(st.integers(1, 40))
    true = draw(arrays(np.int64, count, elements=st.integers(0, CLASSES - 1)))
    seed = draw(st.integers(0, 2**32 - 1))
    ranks = np.random.default_rng(seed).permuted(np.tile(np.arange(1, CLASSES + 1), (count, 1)), axis=1)
    return true, (ranks / ranks.sum(axis=1, keepdims=True)).astype(np.float32)


def evaluation(true: np.ndarray, probabilities: np.ndarray) -> Evaluation:
    return Evaluation("run", "balanced", "test", "a test", "0" * 64, True, LABELS, true, probabilities)


@given(answers())
def test_the_confusion_matrix_is_scikit_learns(answer: tuple[np.ndarray, np.ndarray]):
    true, probabilities = answer
    predicted = probabilities.argmax(axis=1)
    found = figures.confusion_matrix(true, predicted, CLASSES)
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, metrics.confusion_matrix(true, predicted, labels=range(CLASSES)))


@given(answers())
def test_accuracy_macro_f1_and_top_5_are_scikit_learns(answer: tuple[np.ndarray, np.ndarray]):
    true, probabilities = answer
    found = evaluation(true, probabilities)
    predicted = probabilities.argmax(axis=1)
    assert found.accuracy == pytest.approx(metrics.accuracy_score(true, predicted))
    # Without ``labels``, scikit-learn too averages over the classes that occur or are predicted.
    assert found.macro_f1 == pytest.approx(metrics.f1_score(true, predicted, average="macro", zero_division=0))
    expected = metrics.top_k_accuracy_score(true, probabilities, k=5, labels=range(CLASSES))
    assert found.top5 == pytest.approx(expected)


@given(answers(), st.integers(1, CLASSES + 3))
def test_top_k_counts_the_images_whose_class_is_among_the_k_best(answer: tuple[np.ndarray, np.ndarray], k: int):
    true, probabilities = answer
    hits = [
        label in sorted(range(CLASSES), key=lambda i, row=row: -row[i])[:k]
        for label, row in zip(true, probabilities, strict=True)
    ]
    assert figures.top_k_accuracy(true, probabilities, k) == pytest.approx(sum(hits) / len(hits))


@given(answers())
def test_per_class_is_scikit_learns_report(answer: tuple[np.ndarray, np.ndarray]):
    true, probabilities = answer
    predicted = probabilities.argmax(axis=1)
    frame = figures.per_class(figures.confusion_matrix(true, predicted, CLASSES), LABELS)
    expected = metrics.precision_recall_fscore_support(true, predicted, labels=range(CLASSES), zero_division=0)
    assert frame["label"].tolist() == list(LABELS)
    for column, values in zip(("precision", "recall", "f1", "n"), expected, strict=True):
        np.testing.assert_allclose(frame[column], values, err_msg=column)
    assert frame["wrong"].tolist() == [int(((true == i) & (predicted != i)).sum()) for i in range(CLASSES)]


@given(answers())
def test_confused_pairs_are_what_counting_one_by_one_gives(answer: tuple[np.ndarray, np.ndarray]):
    true, probabilities = answer
    predicted = probabilities.argmax(axis=1)
    errors = int((true != predicted).sum())
    expected = set()
    for i in range(CLASSES):
        for j in range(i + 1, CLASSES):
            there, back = (
                sum(1 for pair in zip(true, predicted, strict=True) if pair == wanted) for wanted in ((i, j), (j, i))
            )
            if there + back:
                name = f"{LABELS[i]} / {LABELS[j]}"
                expected.add((name, there + back, LABELS[i], LABELS[j], there, back, round((there + back) / errors, 9)))
    frame = figures.confused_pairs(figures.confusion_matrix(true, predicted, CLASSES), LABELS)
    assert list(frame.columns) == [
        "pair", "errors", "first", "second", "first_as_second", "second_as_first", "share",
    ]  # fmt: skip
    assert set(frame.round({"share": 9}).itertuples(index=False, name=None)) == expected
    assert len(frame) == len(expected)
    assert frame["errors"].is_monotonic_decreasing
    assert frame.empty or frame["share"].sum() == pytest.approx(1)


@given(answers(), st.integers(0, CLASSES - 1), st.integers(0, CLASSES - 1))
def test_a_cell_holds_its_images_the_most_confident_first(
    answer: tuple[np.ndarray, np.ndarray], true_class: int, predicted_class: int
):
    found = evaluation(*answer)
    rows = found.cell(true_class, predicted_class)
    predicted = answer[1].argmax(axis=1)
    assert sorted(rows) == [i for i in range(found.n) if (answer[0][i], predicted[i]) == (true_class, predicted_class)]
    assert len(rows) == found.confusion[true_class, predicted_class]
    assert (np.diff(answer[1].max(axis=1)[rows]) <= 0).all()


def test_figures_of_a_matrix_reckoned_by_hand():
    confusion = np.array([[3, 1, 0], [2, 4, 0], [0, 0, 0]])
    frame = figures.per_class(confusion, ("a", "b", "c"))
    assert frame["n"].tolist() == [4, 6, 0]
    assert frame["wrong"].tolist() == [1, 2, 0]
    np.testing.assert_allclose(frame["precision"], [3 / 5, 4 / 5, 0])
    np.testing.assert_allclose(frame["recall"], [3 / 4, 4 / 6, 0])
    np.testing.assert_allclose(frame["f1"], [2 * 3 / 9, 2 * 4 / 11, 0])


def test_the_figures_of_no_image_are_0_and_not_an_error():
    nothing = evaluation(np.zeros(0, np.int64), np.zeros((0, CLASSES), np.float32))
    assert (nothing.n, nothing.accuracy, nothing.top5, nothing.macro_f1) == (0, 0.0, 0.0, 0.0)
    assert nothing.confused_pairs.empty
