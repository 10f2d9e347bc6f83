"""The curves of a training that goes on, as data for a browser that draws them: axes that hold still, few points."""

from typing import Any

import numpy as np
import pandas as pd

MOST_POINTS = 600
"""Of a curve per step: about as many as it has pixels."""
EPOCHS = (30, 100, 300)
"""Where the axis of many epochs ends until it goes on."""
LOSSES = (5.0, 10.0, 20.0, 50.0, 100.0, 1e3, 1e4, 1e5)
"""Where the axis of a loss may end; a network of 47 classes that guesses has one of 3.9."""
DIGITS = 5


def live_curves(
    steps: pd.DataFrame, epochs: pd.DataFrame, of_epochs: int, smoothing: float = 0.0, is_log: bool = False
) -> list[dict[str, Any]]:
    """Accuracy and loss over training, a panel each: ``title, kind, x, y`` (from and to) and ``lines``.

    The axes hold still while points come: accuracy from 0 to 100 %, the loss from 0, or by powers of ten, to a round
    figure, and the epochs to their last or, of many, to a round number of them.

    Args:
        steps: ``Run.metrics("step")``.
        epochs: ``Run.metrics("epoch")``.
        of_epochs: how many epochs it is to be.
        smoothing: how much of a step's point is that of the points before it, in [0, 1).
        is_log: whether the loss grows by powers of ten; its ends are then their exponents.
    """
    thinned = thin(steps, smoothing)
    losses = pd.concat([thinned["loss"], epochs["loss"], epochs["validation_loss"]]).astype(float)
    reached = max([0.0, *thinned["epoch"].tail(1), *epochs["epoch"].tail(1)])
    x = [0, last_epoch(reached, of_epochs)]
    best = _line("best so far", "best", epochs["epoch"], epochs["validation_accuracy"].astype(float).cummax())
    kind = "log" if is_log else "linear"
    return [
        {
            "title": "Accuracy",
            "kind": "share",
            "x": x,
            "y": [0, 1],
            "lines": [best, *_lines(thinned, epochs, "accuracy")],
        },
        {
            "title": "Loss",
            "kind": kind,
            "x": x,
            "y": loss_range(losses, is_log),
            "lines": _lines(thinned, epochs, "loss"),
        },
    ]


def _lines(thinned: pd.DataFrame, epochs: pd.DataFrame, name: str) -> list[dict[str, Any]]:
    return [
        _line("train, per step", "step", thinned["epoch"], thinned[name]),
        _line("train, per epoch", "train", epochs["epoch"], epochs[name]),
        _line("validation, per epoch", "validation", epochs["epoch"], epochs[f"validation_{name}"]),
    ]


def _line(name: str, kind: str, x: pd.Series, y: pd.Series) -> dict[str, Any]:
    """What is no number is a gap."""
    heights = [round(value, DIGITS) if np.isfinite(value) else None for value in y.astype(float)]
    return {"name": name, "kind": kind, "x": [float(value) for value in x], "y": heights}


def thin(steps: pd.DataFrame, smoothing: float = 0.0) -> pd.DataFrame:
    """Steps smoothed, and then so few of them that a browser draws them at once: ``epoch, accuracy, loss``.

    Args:
        steps: ``Run.metrics("step")``.
        smoothing: each point is this share of the mean of those before it, of which the first are not drawn to 0 (as
            in Adam and TensorBoard), in [0, 1).
    """
    values = steps[["epoch", "accuracy", "loss"]].astype(float)
    if smoothing:
        values[["accuracy", "loss"]] = values[["accuracy", "loss"]].ewm(alpha=1 - smoothing).mean()
    every = -(-len(values) // MOST_POINTS) or 1
    return values[(len(values) - 1 - values.reset_index().index) % every == 0]  # the newest always


def last_epoch(reached: float, of_epochs: int) -> int:
    """Where the axis of epochs ends: at the last of them, or of many at a round number that is not yet reached."""
    return next((end for end in EPOCHS if reached < end < of_epochs), of_epochs)


def loss_range(losses: pd.Series, is_log: bool = False) -> list[float]:
    """Between which figures a loss is drawn, as they stand on the axis: for a logarithmic axis, their logarithms.

    It is wide enough for a network of 47 classes that guesses, so that it seldom changes.
    """
    finite = losses[np.isfinite(losses)]
    highest = float(finite.max()) if len(finite) else 0.0
    high = next(figure for figure in LOSSES if highest <= figure or figure == LOSSES[-1])
    if not is_log:
        return [0.0, high]
    lowest = float(finite[finite > 0].min()) if (finite > 0).any() else 1.0
    return [min(-1.0, float(np.floor(np.log10(lowest)))), float(np.log10(high))]
