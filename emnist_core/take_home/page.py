"""A model to take home: one HTML file with the model, the reader, a canvas and the steps, which needs no network."""

import base64
import html
import json
from pathlib import Path
from string import Template

from emnist_core.errors import RunError
from emnist_core.evaluation.intervals import in_words
from emnist_core.evaluation.store import stored_evaluations
from emnist_core.files import write_atomically
from emnist_core.ink import conversion
from emnist_core.reader import scripts
from emnist_core.runs import Run
from emnist_core.serving import opening
from emnist_core.take_home.eight_bits import in_eight_bits

LARGEST = 1_000_000
"""Bytes of a serving model that goes along as it is; a larger one's weights are stored in 8 bits."""
READER = tuple(name for name in scripts.FILES if name != "worker.js")


def write(run: Run, path: Path) -> None:
    """Write the page of a run.

    Raises:
        RunError: when the run's serving model is missing or damaged, or the file cannot be written.
    """
    content = text(run)
    try:
        with write_atomically(path) as temporary:
            temporary.write_text(content, encoding="utf-8")
    except OSError as error:
        raise RunError(f"{path} cannot be written ({error.strerror}); choose another --output.") from None


def text(run: Run) -> str:
    """The page as HTML."""
    served = opening.serving_model(run)
    file = in_eight_bits(served) if len(served) > LARGEST else served
    model = {
        "run": run.name,
        "labels": list(run.split.labels),
        "temperature": run.temperature(),
        "problems": conversion.PROBLEMS | {"empty": "Draw a character on the canvas."},
        "file": base64.b64encode(file).decode(),
    }
    folder = Path(__file__).parent
    reader = scripts.joined(*(folder.parent / "reader" / name for name in READER))
    return Template((folder / "page.html").read_text(encoding="utf-8")).substitute(
        title=html.escape(run.recipe.spec.title),
        style=(folder / "page.css").read_text(encoding="utf-8"),
        steps="\n".join(
            f"<figure><canvas></canvas><figcaption><b>{number}. {title}</b> {explanation}</figcaption></figure>"
            for number, (title, explanation) in enumerate(conversion.STEPS, start=1)
        ),
        notes="\n".join(f"<p>{html.escape(note)}</p>" for note in notes(run, len(file) < len(served))),
        model=json.dumps(model).replace("</", "<\\/"),
        script=f"{reader}\n(() => {{\n{scripts.joined(folder / 'page.js')}}})();",
    )


def notes(run: Run, is_shrunk: bool = False) -> list[str]:
    """What the model was trained on, how well it reads, and how it is stored, a sentence or two each."""
    used = run.status().data
    trained = f" on {used.name} ({used.training_images:,} images)" if used else ""
    told = [f"{run.recipe.spec.title} for {run.split.title}, trained{trained}. Run {run.name}."]
    told += [
        f"It reads {evaluation.accuracy:.1%} (95 %: {in_words(*evaluation.interval)}, n = {evaluation.n:,}) of the "
        f"test images of {evaluation.data_name} right."
        for evaluation in stored_evaluations(run)
        if evaluation.part == "test"
    ] or ["How well it reads has not been measured."]
    if is_shrunk:
        told.append("Its weights are stored in 8 bits here, to be small; these figures are of the weights in 16 bits.")
    told.append("It answers one of its classes to anything that it is shown, and confuses what people do, 0 and O.")
    return told
