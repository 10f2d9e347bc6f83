"""Evaluations made up for tests: probabilities drawn from a seed, no model and no images."""

import numpy as np

from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.splits import SPLITS


def evaluation(split: str = "balanced", n: int = 600, seed: int = 0, skill: float = 3.0) -> Evaluation:
    """``n`` images of ``split``; the larger ``skill``, the oftener the true class is the most probable."""
    random = np.random.default_rng(seed)
    labels = SPLITS[split].labels
    true = np.random.default_rng(99).integers(0, len(labels), n)
    logits = random.normal(size=(n, len(labels)))
    logits[np.arange(n), true] += skill
    # Confusable neighbours, so that errors are not spread evenly.
    logits[np.arange(n), (true + 1) % len(labels)] += skill / 2
    odds = np.exp(logits)
    probabilities = (odds / odds.sum(axis=1, keepdims=True)).astype(np.float32)
    return Evaluation("made", split, "test", "made up", "0" * 64, False, labels, true, probabilities)
