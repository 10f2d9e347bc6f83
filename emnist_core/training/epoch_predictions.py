"""What the network makes of the validation images after every epoch, kept small in the run.

    epochs/validation.npz   rows of the training part, their true classes, the data's sha256
    epochs/NNN.npz          for each of them the three most probable classes and their probabilities

Read by ``evaluation.epochs``.
"""

from typing import Any

import keras
import numpy as np

from emnist_core.data import Dataset
from emnist_core.files import write_atomically
from emnist_core.runs import Run, checksums
from emnist_core.training.batches import Batches

MOST = 2_000
TOP = 3
BATCH = 256


class EpochPredictions(keras.callbacks.Callback):
    """Keep the three most probable classes of up to 2,000 validation images after every epoch.

    About 12 kB an epoch, and few enough images to cost little beside the epoch. A disk that has no room for
    them does not end a training.

    Args:
        run: the run that is trained.
        dataset: the training part.
        begin: its first row that is held out for validation.
        finished: so many epochs are kept of what an earlier training left.
    """

    def __init__(self, run: Run, dataset: Dataset, begin: int, finished: int) -> None:
        super().__init__()
        self.folder, self.stop_file = run.path / "epochs", run.stop_file
        count = min(MOST, len(dataset) - begin)
        self.rows = np.linspace(begin, len(dataset) - 1, count).astype(np.uint32)
        size, classes = run.recipe.spec.input_size, dataset.split.classes
        labels = dataset.labels[self.rows]
        self.batches = Batches(dataset.images[self.rows], labels, classes, size, BATCH)
        self.index: dict[str, np.ndarray] = {
            "rows": self.rows,
            "true": labels.astype(np.uint8),
            "sha256": np.array(dataset.sha256),
        }

        for earlier in self.folder.glob("*.npz"):
            if not (earlier.stem.isdecimal() and int(earlier.stem) <= finished):
                earlier.unlink(missing_ok=True)
        self._keep("validation.npz", **self.index)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002
        """Look at the images with the weights of this moment, unless somebody asks to stop meanwhile."""
        answers = []
        for index in range(len(self.batches)):
            if self.model.stop_training or self.stop_file.exists():
                return
            answers.append(self.model.predict_on_batch(self.batches[index][0]))
        probabilities = np.concatenate(answers)
        best = np.argsort(-probabilities, axis=1, kind="stable")[:, :TOP]
        self._keep(
            f"{epoch + 1:03d}.npz",
            classes=best.astype(np.uint8),
            probabilities=np.take_along_axis(probabilities, best, axis=1).astype(np.float16),
        )

    def _keep(self, name: str, **arrays: np.ndarray) -> None:
        try:
            checksums.forget(self.folder / name)
            with write_atomically(self.folder / name) as temporary:
                np.savez_compressed(temporary, allow_pickle=False, **arrays)
        except OSError:
            return
