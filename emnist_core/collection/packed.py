"""What a run in a zip consists of: a folder of the run's name, with files of these names and of these sizes at most."""

import re

from emnist_core.splits import SPLITS

MEGABYTE = 1_000_000
MOST_FILES = 3000
MOST_BYTES = 1000 * MEGABYTE
EVALUATION = rf"evaluation/(?:{'|'.join(SPLITS)})-(?:train|test)-[0-9a-f]{{12}}"
CHECKSUMS = "checksums.json"
UNSUMMED = ("notes.json", CHECKSUMS)
"""Files without a sum, by their last name."""

LARGEST = {
    r"(?:recipe|status|serving|notes)\.json": MEGABYTE // 10,
    r"README\.md": MEGABYTE // 2,
    r"metrics\.jsonl": 20 * MEGABYTE,
    r"trained_on\.npy": 20 * MEGABYTE,
    r"model\.(?:keras|tflite)": 400 * MEGABYTE,
    r"epochs/(?:\d{3,4}|validation)\.npz": MEGABYTE,
    rf"{EVALUATION}/metrics\.json": MEGABYTE,
    rf"{EVALUATION}/predictions\.npz": 100 * MEGABYTE,
    rf"(?:|epochs/|{EVALUATION}/)checksums\.json": MEGABYTE,
}
"""By the pattern of a file's name in the run, the bytes that it may have. What continues a training is none of it."""


def largest(name: str) -> int | None:
    """The bytes that the file ``name`` of a run may have; None where a run has no such file."""
    return next((size for pattern, size in LARGEST.items() if re.fullmatch(pattern, name, re.ASCII)), None)
