"""From one character to another in small steps, through shapes rather than through a double exposure."""

import numpy as np

from emnist_core.arrays import Images, Mask, Pixels, Values

INK = 0.5


def morph(first: Pixels, second: Pixels, steps: int) -> Images:
    """Images on the way from ``first`` to ``second``.

    The shapes' signed distances to their outlines are mixed, which moves strokes instead of fading them,
    and shifted so that ink grows evenly from one amount to the other. What grey that leaves out of the two
    ends is mixed in, so that the ends are the images themselves.

    Args:
        first, second: uint8 ``(28, 28)``, ink 255.
        steps: number of images, the two ends among them; at least 2.

    Returns:
        uint8 ``(steps, 28, 28)``.
    """
    ends = first / 255.0, second / 255.0
    fields = [_signed_distance(end > INK) for end in ends]
    rest = [end - _grey(field) for end, field in zip(ends, fields, strict=True)]
    share = np.linspace(0, 1, steps)[:, np.newaxis, np.newaxis]
    amounts = np.linspace(_grey(fields[0]).mean(), _grey(fields[1]).mean(), steps)
    mixed = (1 - share) * fields[0] + share * fields[1]
    shapes = np.array([_with_ink(field, amount) for field, amount in zip(mixed, amounts, strict=True)])
    images = np.clip(shapes + (1 - share) * rest[0] + share * rest[1], 0, 1)
    return np.rint(images * 255).astype(np.uint8)


def _signed_distance(ink: Mask) -> Values:
    """Distance to the outline in pixels, above 0 within the ink."""
    from scipy.ndimage import distance_transform_edt

    if not ink.any():
        return np.full(ink.shape, -float(max(ink.shape)))
    signed: Values = distance_transform_edt(ink) - distance_transform_edt(~ink)
    return signed


def _with_ink(field: Values, amount: float) -> Values:
    """The grey image of ``field``, shifted until its mean is ``amount``."""
    low, high = -60.0, 60.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _grey(field + middle).mean() < amount else (low, middle)
    return _grey(field + low)


def _grey(field: Values) -> Values:
    """Ink in [0, 1] that fades over about three pixels, as EMNIST's blurred strokes do."""
    return 1 / (1 + np.exp(-1.8 * np.clip(field, -60, 60)))
