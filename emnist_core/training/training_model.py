"""A network with what only its training sees around it: variation, the classes' shares, teachers."""

from collections.abc import Sequence

import keras
import numpy as np

from emnist_core.training.augmentation import Augment


class TrainingModel(keras.Model):
    """A network with what only its training sees around it.

    Args:
        network: the network.
        augment: random variation of the inputs, or None.
        shares: share of each class in the training rows, float ``(classes,)``, when the loss is to be
            freed of them, or None. See ``Recipe.prior``.
        teachers: networks whose answers are learned as well; each answers to its share of every batch, which
            comes to the mean of them at the price of one. See ``training.distillation``.
    """

    def __init__(
        self,
        network: keras.Model,
        augment: Augment | None = None,
        shares: np.ndarray | None = None,
        teachers: Sequence[keras.Model] = (),
    ) -> None:
        super().__init__(dtype="float32")
        self.network, self.augment, self.teachers = network, augment, list(teachers)
        for teacher in self.teachers:
            teacher.trainable = False
        self.shares = None if shares is None else keras.ops.convert_to_tensor(shares, "float32")

    def call(self, inputs: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        """Map images to probabilities."""
        if self.augment is not None:
            inputs = self.augment(inputs, training=training)
        probabilities = self.network(inputs, training=training)
        if training and self.teachers:
            self.add_loss(keras.ops.mean(self._distances(inputs, probabilities)))
        if training and self.shares is not None:
            # Adding log(share) to the logits is multiplying the probabilities by the shares.
            weighted = probabilities * self.shares
            probabilities = weighted / keras.ops.sum(weighted, axis=-1, keepdims=True)
        return probabilities

    def _distances(self, inputs: keras.KerasTensor, probabilities: keras.KerasTensor) -> keras.KerasTensor:
        """The cross-entropy between each image's probabilities and the answer of the teacher whose turn it is."""
        every = len(self.teachers)
        distances = [
            keras.losses.categorical_crossentropy(
                keras.ops.stop_gradient(teacher(inputs[turn::every], training=False)), probabilities[turn::every]
            )
            for turn, teacher in enumerate(self.teachers)
        ]
        return keras.ops.concatenate(distances)
