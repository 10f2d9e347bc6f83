"""How many pictures of characters a core reads a second, and how well: ``python -m benchmarks.pictures``.

26 characters of the sample under each condition of ``tests/helpers/conditions.py``: on ruled and squared paper, in a
frame, on a desk, in bad light, cropped tightly. Each is a PNG file of a folder, and is read as ``predict`` reads it:
decoded, its writing found, made an EMNIST image and answered by the default run. What is counted is the processor's
time, of all threads together, so that other programs on the machine do not matter much. Making the pictures and opening
the run are not in it.
"""

import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.report import machine, table
from emnist_core import runs
from emnist_core.ink import conversion
from emnist_core.ink.picture import read_picture
from emnist_core.serving.recognizer import Recognizer, recognizer
from tests.helpers import conditions

RUN = "lenet5-v2"
TARGET = 50
PHOTOGRAPH = (4032, 3024)


def main() -> None:
    """Draw the pictures, read them, print."""
    serving = recognizer(runs.find(RUN))
    rows, times, right_in_all = [], [], 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        read(draw(folder, conditions.plain), serving)  # filters and the model are loaded
        for condition in conditions.CONDITIONS:
            seconds, right = read(draw(folder, condition), serving)
            times += seconds
            right_in_all += right
            rows.append(
                (condition.__name__.replace("_", " "), f"{1 / np.mean(seconds):.0f}", f"{right} of {len(seconds)}")
            )
        photograph = folder / "photograph.jpg"
        Image.fromarray(conditions.shot(conditions.shadow, "R")).resize(PHOTOGRAPH).save(photograph)
        seconds, right = read({photograph: "R"}, serving)
    speed = 1 / float(np.mean(times))
    rows.append(("**all**", f"**{speed:.0f}**", f"{right_in_all} of {len(times)}"))
    rows.append((f"a photograph of {PHOTOGRAPH[0]}×{PHOTOGRAPH[1]}, JPEG", f"{1 / seconds[0]:.0f}", f"{right} of 1"))
    print(table(["picture", "read a second", "right"], rows))
    print(f"\nTarget: {TARGET} a second on one core, at least 24 of 26 right under each condition. Read by {RUN}.\n")
    print(machine("pillow", "scipy", "numpy", "ai-edge-litert"))


def draw(folder: Path, condition: conditions.Condition) -> dict[Path, str]:
    """A file for each character under a condition, with its label."""
    labels = {folder / f"{condition.__name__}-{label}.png": label for label in conditions.LETTERS}
    for file, label in labels.items():
        Image.fromarray(conditions.shot(condition, label)).save(file)
    return labels


def read(labels: dict[Path, str], serving: Recognizer) -> tuple[list[float], int]:
    """The processor's seconds for each file, and how many were read right."""
    seconds, right = [], 0
    for file, label in labels.items():
        began = time.process_time()
        [best] = serving.top(conversion.convert(read_picture(file.read_bytes()).ink).image, 1)
        seconds.append(time.process_time() - began)
        right += best["label"] == label
    return seconds, right


if __name__ == "__main__":
    main()
