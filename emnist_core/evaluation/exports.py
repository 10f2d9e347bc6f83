"""Downloads: the matrix as CSV and PNG, wrong images as PNG in folders with a CSV."""

import io
import zipfile

import numpy as np
import pandas as pd
from PIL import Image, ImageDraw, ImageFont

from emnist_core.arrays import Indices, Pixels
from emnist_core.data import Dataset
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.groups import KINDS
from emnist_core.evaluation.matrix import margin
from emnist_core.explore.picture import png

CELL, EDGE = 20, 44
INK, PAPER, TEXT = (29, 79, 168), (255, 255, 255), (24, 28, 37)


def matrix_csv(evaluation: Evaluation) -> str:
    """The counts as CSV: a row a true class, a column a class read."""
    table = pd.DataFrame(evaluation.confusion, index=list(evaluation.labels), columns=list(evaluation.labels))
    return table.to_csv(index_label="true \\ read as")


def matrix_png(evaluation: Evaluation) -> bytes:
    """The matrix as a picture: share of the true class as colour (its square root), labels on both sides."""
    counts, labels = evaluation.confusion, evaluation.labels
    shares = np.sqrt(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1))[..., np.newaxis]
    colours = (np.array(PAPER) * (1 - shares) + np.array(INK) * shares).astype(np.uint8)
    side = EDGE + CELL * len(labels)
    picture = Image.new("RGB", (side + 8, side + 8), PAPER)
    picture.paste(Image.fromarray(colours, "RGB").resize((side - EDGE,) * 2, Image.Resampling.NEAREST), (EDGE, EDGE))
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(13)
    for i, label in enumerate(labels):
        middle = EDGE + CELL * i + CELL / 2
        pen.text((EDGE - 6, middle), label, TEXT, font, anchor="rm")
        pen.text((middle, EDGE - 6), label, TEXT, font, anchor="mb")
    pen.text((side, 12), f"{evaluation.run_name} on {evaluation.data_name}: read as", TEXT, font, anchor="rm")
    return png(picture)


def wrong_table(evaluation: Evaluation) -> pd.DataFrame:
    """A row for each image read wrongly: ``row, true, predicted, confidence, margin, file``.

    ``row`` is the row of the data, also where images were left out; ``file`` is named by it.
    """
    indices = _wrong(evaluation)
    rows = evaluation.rows[indices]
    true = [evaluation.labels[i] for i in evaluation.true[indices]]
    read = [evaluation.labels[i] for i in evaluation.predicted[indices]]
    return pd.DataFrame(
        {
            "row": rows,
            "true": true,
            "predicted": read,
            "confidence": evaluation.confidence[indices].round(4),
            "margin": margin(evaluation, indices).round(4),
            "file": [f"true_{spoken(t)}/read_as_{spoken(p)}/{r}.png" for t, p, r in zip(true, read, rows, strict=True)],
        }
    )


def wrong_images(evaluation: Evaluation, dataset: Dataset) -> bytes:
    """A zip of every image read wrongly, ``true_small-f/read_as_capital-F/12.png``, with ``wrong.csv``.

    Args:
        evaluation: whose answers count.
        dataset: the images that count, ``Evaluation.images_of``.
    """
    table = wrong_table(evaluation)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("wrong.csv", table.to_csv(index=False))
        for index, file in zip(_wrong(evaluation), table["file"], strict=True):
            archive.writestr(file, png(Image.fromarray(_printed(dataset.images[index]))))
    return buffer.getvalue()


def _wrong(evaluation: Evaluation) -> Indices:
    """Which of the images that count were read wrongly."""
    return np.flatnonzero(~evaluation.is_right)


def spoken(label: str) -> str:
    """A label that stays itself where file names do not tell f from F."""
    if label in KINDS:
        return {"0-9": "digits", "A-Z": "capitals", "a-z": "small-letters"}[label]
    if label.isdigit() or len(label) > 1:
        return label.replace("/", "-or-")
    return f"{'capital' if label.isupper() else 'small'}-{label}"


def _printed(image: Pixels) -> Pixels:
    """Black ink on white paper, as pictures are printed."""
    return 255 - np.asarray(image)
