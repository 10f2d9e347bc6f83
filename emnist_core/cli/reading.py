"""The command that names the characters in pictures."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from emnist_core.arrays import Pixels
from emnist_core.cli.output import Json, show
from emnist_core.errors import ImageError


def predict(
    images: Annotated[list[Path], typer.Argument(help="Pictures of one character each.")],
    run: Annotated[str, typer.Option(help="A run's name or directory.")] = "lenet5-v2",
    top: Annotated[int, typer.Option(min=1, max=62, help="How many labels to give.")] = 5,
    as_json: Json = False,
) -> None:
    """Name the character in each picture."""
    from emnist_core import runs
    from emnist_core.serving import recognizer

    serving = recognizer.recognizer(runs.find(run))
    rows: list[dict[str, Any]] = []
    refused = []
    for path in images:
        try:
            character, notes = _character(path)
        except ImageError as error:
            refused.append(str(error))
            continue
        rows.append({"file": str(path), "top": serving.top(character, top), "notes": list(notes)})
    table = [
        {
            "file": row["file"],
            "top": "  ".join(f"{best['label']} {best['probability']:.1%}" for best in row["top"]),
            "notes": " ".join(row["notes"]),
        }
        for row in rows
    ]
    if rows:
        show(rows, as_json, f"Read by {serving.name}", table)
    # One bad picture keeps none of the others from being read.
    for sentence in refused[:-1]:
        print(sentence, file=sys.stderr)
    if refused:
        raise ImageError(refused[-1])


def _character(path: Path) -> tuple[Pixels, tuple[str, ...]]:
    """The picture's character as a 28x28 image, and what was left out of the picture or found twice."""
    from emnist_core.ink import conversion
    from emnist_core.ink.picture import read_picture

    try:
        content = path.read_bytes()
    except OSError as error:
        raise ImageError(f"{path} cannot be read ({error.strerror}); check the name.") from None
    try:
        picture = read_picture(content)
        return conversion.convert(picture.ink).image, picture.notes
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from None
