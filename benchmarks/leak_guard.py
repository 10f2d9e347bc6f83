"""How long leaving out takes: ``python -m benchmarks.leak_guard``.

18,800 images, as many as Balanced's test part, against the record of 112,800. The images are noise: their
content makes no difference to a hash that reads every byte.
"""

import time
from collections.abc import Callable

import numpy as np

from emnist_core.data import image_hashes

TRAINED, TESTED, TIMES = 112_800, 18_800, 9


def main() -> None:
    """Print the median of some runs, in seconds."""
    random = np.random.default_rng(1)
    trained, tested = (random.integers(0, 256, (count, 28, 28), np.uint8) for count in (TRAINED, TESTED))
    tested[:100] = trained[:100]
    seen = np.unique(image_hashes.hashes(trained))
    assert image_hashes.known(tested, seen).sum() == 100
    there = {image.tobytes() for image in trained}
    print(f"{TESTED:,} images against the record of {TRAINED:,} ({seen.nbytes / 1e6:.1f} MB):")
    print(f"  leaving out            {_median(lambda: image_hashes.known(tested, seen)):.3f} s")
    print(f"  making the record      {_median(lambda: np.unique(image_hashes.hashes(trained))):.3f} s")
    print(f"  by a set of bytes      {_median(lambda: [image.tobytes() in there for image in tested]):.3f} s")


def _median(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(TIMES):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds))


if __name__ == "__main__":
    main()
