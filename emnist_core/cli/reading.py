"""The command that names the characters in pictures."""

from pathlib import Path
from typing import Annotated, Any

import typer

from emnist_core.cli.output import Json, show


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
    rows: list[dict[str, Any]] = [{"file": str(path), "top": serving.top(_character(path), top)} for path in images]
    table = [
        {
            "file": row["file"],
            "top": "  ".join(f"{best['label']} {best['probability']:.1%}" for best in row["top"]),
        }
        for row in rows
    ]
    show(rows, as_json, f"Read by {serving.name}", table)


def _character(path: Path) -> Any:
    """The picture's character as a 28x28 image."""
    from emnist_core.errors import ImageError
    from emnist_core.ink import conversion

    try:
        content = path.read_bytes()
    except OSError as error:
        raise ImageError(f"{path} cannot be read ({error.strerror}); check the name.") from None
    try:
        return conversion.convert(conversion.ink_from_picture(content)).image
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from None
