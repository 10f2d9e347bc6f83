"""Batches of training images, read from a memory map as they are needed."""

from typing import Any

import keras
import numpy as np

from emnist_core.arrays import Images, Labels
from emnist_core.serving.network_input import network_input
from emnist_core.training.mixing import Mix


class Batches(keras.utils.PyDataset):
    """Rows of images and labels in batches, so that a split of any size trains in little memory.

    Args:
        images: uint8 ``(N, 28, 28)``, possibly memory-mapped.
        labels: int64 ``(N,)``.
        classes: number of classes, for the one-hot targets.
        size: height and width of the network's input.
        batch_size: images a batch; the last batch holds what is left.
        seed: when given, rows are in another order every epoch, by this seed; otherwise they keep theirs.
        mix: what makes a batch of inputs and targets another, by the same seed.
        fewest: a last batch of fewer images is left out.
    """

    def __init__(
        self,
        images: Images,
        labels: Labels,
        classes: int,
        size: int,
        batch_size: int,
        seed: int | None = None,
        mix: Mix | None = None,
        fewest: int = 1,
    ) -> None:
        super().__init__()
        self.images, self.labels, self.size, self.batch_size = images, labels, size, batch_size
        self.targets = np.eye(classes, dtype=np.float32)
        self.mix, self.fewest, self.seed = mix, fewest, seed
        self.go_to(0)

    def go_to(self, epoch: int, batch: int = 0) -> None:
        """Stand at a batch of an epoch, both counted from 0; the earlier ones of that epoch do not come any more.

        Not left to ``on_epoch_end``, which Keras also calls before the first epoch.
        """
        self.epoch, self.first = epoch, batch
        rows = len(self.labels)
        self.order = (
            np.arange(rows) if self.seed is None else np.random.default_rng((self.seed, epoch)).permutation(rows)
        )

    def __len__(self) -> int:
        """Batches that come in this epoch."""
        whole, left = divmod(len(self.order), self.batch_size)
        return whole + (left >= self.fewest) - self.first

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """Return inputs ``(B, size, size, 1)`` and one-hot targets ``(B, classes)``, both float32."""
        index += self.first
        # Sorted rows read a memory map from front to back; the order within a batch only says which of several
        # teachers is asked.
        rows = np.sort(self.order[index * self.batch_size : (index + 1) * self.batch_size])
        inputs, targets = network_input(self.images[rows], self.size), self.targets[self.labels[rows]]
        if self.mix is None:
            return inputs, targets
        # A generator of its own, so that the order of images is the same with and without mixing.
        return self.mix(inputs, targets, np.random.default_rng((self.seed or 0, self.epoch, index)))
