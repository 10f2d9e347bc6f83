"""Intervals for what was counted, so that no share stands without its uncertainty."""

import math

Z95 = 1.959963984540054
"""The 97.5 % point of the normal distribution: intervals are of 95 %."""


def wilson(right: int, n: int) -> tuple[float, float]:
    """Wilson's score interval of a share (Wilson 1927): ``(low, high)`` in [0, 1].

    It keeps its level for shares near 0 and 1 and for small ``n``, where the usual one does not. Of
    nothing, nothing is known: ``n = 0`` gives (0, 1).
    """
    if n == 0:
        return 0.0, 1.0
    share, square = right / n, Z95**2 / n
    middle = (share + square / 2) / (1 + square)
    half = Z95 * math.sqrt(share * (1 - share) / n + square / (4 * n)) / (1 + square)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def counted(right: int, n: int) -> dict[str, float]:
    """A share for a row of a table: ``right, n, accuracy, low, high``, the accuracy of nothing being 0."""
    low, high = wilson(right, n)
    return {"right": right, "n": n, "accuracy": right / n if n else 0.0, "low": low, "high": high}


def in_words(low: float, high: float, signed: bool = False) -> str:
    """An interval in percent as every page, card and command writes it: ``"64.0–94.8"``.

    That of a difference, which may lie on both sides of 0, is written with signs: ``"-0.5 to +1.2"``.
    """
    return f"{100 * low:+.1f} to {100 * high:+.1f}" if signed else f"{100 * low:.1f}–{100 * high:.1f}"


def share_in_words(right: int, n: int) -> str:
    """A share with its interval and its n, e.g. ``"85.0% (95 %: 64.0–94.8, n = 20)"``."""
    if n == 0:
        return "none yet"
    return f"{right / n:.1%} (95 %: {in_words(*wilson(right, n))}, n = {n:,})"
