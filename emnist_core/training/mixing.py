"""Images mixed in pairs, and their targets with them: ``mixup`` and ``cutmix``.

Each image of a batch gets another one of it as partner; how much of it, one draw a batch says. Images are mixed before
they are varied, so that both parts of one are moved and bent alike.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from emnist_core.arrays import Inputs

Mix = Callable[[Inputs, Inputs, np.random.Generator], tuple[Inputs, Inputs]]
"""Maps inputs (N, H, W, 1) and targets (N, classes), both float32, to others of the same shapes."""

SPREAD = 0.2
"""Both parameters of the beta distribution of mixup's shares: most pairs are nearly one of the two."""


def mixup(inputs: Inputs, targets: Inputs, random: np.random.Generator) -> tuple[Inputs, Inputs]:
    """Lay each image over another (Zhang, Cisse, Dauphin, Lopez-Paz 2018, arXiv:1710.09412)."""
    share, partners = np.float32(random.beta(SPREAD, SPREAD)), random.permutation(len(inputs))
    return _between(inputs, inputs[partners], share), _between(targets, targets[partners], share)


def cutmix(inputs: Inputs, targets: Inputs, random: np.random.Generator) -> tuple[Inputs, Inputs]:
    """Put a rectangle of another image into each (Yun and others 2019, arXiv:1905.04899)."""
    height, width = inputs.shape[1:3]
    side, partners = np.sqrt(1 - random.uniform()), random.permutation(len(inputs))
    middle = random.integers(height), random.integers(width)
    rows, columns = (_part(at, round(side * of), of) for at, of in zip(middle, (height, width), strict=True))
    mixed = inputs.copy()
    mixed[:, rows, columns] = inputs[partners][:, rows, columns]
    share = np.float32(1 - (rows.stop - rows.start) * (columns.stop - columns.start) / (height * width))
    return mixed, _between(targets, targets[partners], share)


MIXES: dict[str, Mix | None] = {"none": None, "mixup": mixup, "cutmix": cutmix}


def _between(first: Inputs, second: Inputs, share: Any) -> Inputs:
    mixed: Inputs = share * first + (1 - share) * second
    return mixed


def _part(middle: Any, length: int, whole: int) -> slice:
    """As much of a stretch of ``length`` around ``middle`` as lies in ``whole``."""
    begin = int(middle) - length // 2
    return slice(max(0, begin), min(whole, begin + length))
