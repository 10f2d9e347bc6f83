"""The architectures by name.

Reading this registry imports neither Keras nor TensorFlow; only ``ModelSpec.build`` does. To add an
architecture, add a file with ``build(classes, dropout, l2)`` and one entry below: the contract test in
``tests/models`` then checks it by itself. Those at the end differ from SE-ResNet in one thing each
(``recipes/ablations.toml``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from emnist_core.errors import RunError

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class ModelSpec:
    """What is known of an architecture without building it.

    Attributes:
        name: the name in recipes and on the command line.
        title: the name as people write it.
        summary: one sentence on what it is and what to learn from it.
        module: the file in ``emnist_core.models`` whose ``build`` makes it.
        input_size: height and width of the input in pixels; 28-pixel images are padded up to it.
        parameters: all weights when built for 47 classes.
        non_trainable: those of them that the optimizer leaves alone (batch-norm statistics).
        dropout: the architecture's own dropout rate, or None when it has no dropout layer.
        l2: the architecture's own L2 factor on convolution kernels.
        options: further arguments of the module's ``build``, for architectures that share one.
    """

    name: str
    title: str
    summary: str
    module: str
    input_size: int
    parameters: int
    non_trainable: int = 0
    dropout: float | None = None
    l2: float = 0.0
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of one input."""
        return (self.input_size, self.input_size, 1)

    @property
    def trainable(self) -> int:
        """Weights that the optimizer changes, when built for 47 classes."""
        return self.parameters - self.non_trainable

    def build(self, classes: int = 47, dropout: float | None = None, l2: float | None = None) -> "keras.Model":
        """Build the network, untrained, with softmax outputs.

        Args:
            classes: number of outputs.
            dropout: dropout rate in [0, 1); default: the architecture's own.
            l2: L2 factor on convolution kernels, at least 0; default: the architecture's own.

        Returns:
            A Keras model from float32 ``(N, input_size, input_size, 1)`` in [0, 1] (ink 1) to
            probabilities ``(N, classes)``.
        """
        module = import_module(f"emnist_core.models.{self.module}")
        model: keras.Model = module.build(
            classes,
            (self.dropout or 0.0) if dropout is None else dropout,
            self.l2 if l2 is None else l2,
            **self.options,
        )
        return model


_ALL = (
    ModelSpec(
        "vanilla-cnn",
        "Vanilla CNN",
        "Two convolutions, two dense layers and one dropout between them: the plainest network that works.",
        "vanilla_cnn",
        input_size=28,
        parameters=484_719,
        dropout=0.5,
    ),
    ModelSpec(
        "lenet5",
        "LeNet-5",
        "LeCun's network of 1998 with 47 outputs: tanh, average pooling, 65 thousand weights.",
        "lenet5",
        input_size=32,
        parameters=64_851,
    ),
    ModelSpec(
        "lenet5-v2-32",
        "LeNet-5 v2 (32×32)",
        "LeNet-5 v2 on images padded to 32×32, as the first LeNet wanted them.",
        "lenet5_v2",
        input_size=32,
        parameters=393_707,
        non_trainable=1_128,
        dropout=0.25,
        l2=5e-4,
        options={"input_size": 32},
    ),
    ModelSpec(
        "lenet5-v2",
        "LeNet-5 v2",
        "LeNet-5 with doubled convolutions, batch normalisation, dropout and L2: the report's best.",
        "lenet5_v2",
        input_size=28,
        parameters=279_019,
        non_trainable=1_128,
        dropout=0.25,
        l2=5e-4,
    ),
    ModelSpec(
        "resnet34",
        "ResNet-34",
        "16 residual blocks, 21 million weights, made for photographs: why does it not win here?",
        "resnet34",
        input_size=28,
        parameters=21_328_047,
        non_trainable=17_024,
    ),
    ModelSpec(
        "se-resnet",
        "SE-ResNet",
        "This project's own: the idea of ResNet at the size of a character, 30 times smaller than ResNet-34.",
        "se_resnet",
        input_size=28,
        parameters=711_167,
        non_trainable=1_984,
        dropout=0.2,
    ),
    ModelSpec(
        "se-resnet-wide",
        "SE-ResNet, wide",
        "SE-ResNet with half the blocks and more maps in each, for the same work: is width better than depth?",
        "se_resnet",
        input_size=28,
        parameters=676_053,
        non_trainable=1_720,
        dropout=0.2,
        options={"stem": (32, 92), "stages": ((92, 1), (184, 1))},
    ),
    ModelSpec(
        "se-resnet-deep",
        "SE-ResNet, deep",
        "SE-ResNet with nearly twice the blocks and fewer maps in each, for the same work: is depth better than width?",
        "se_resnet",
        input_size=28,
        parameters=786_241,
        non_trainable=2_464,
        dropout=0.2,
        options={"stem": (32, 48), "stages": ((48, 3), (96, 4))},
    ),
    ModelSpec(
        "se-resnet-early",
        "SE-ResNet, halved at once",
        "SE-ResNet without the layer that keeps all 28 pixels: its first one halves them.",
        "se_resnet",
        input_size=28,
        parameters=692_895,
        non_trainable=1_920,
        dropout=0.2,
        options={"stem": (64,)},
    ),
    ModelSpec(
        "se-resnet-ungated",
        "SE-ResNet, no gates",
        "SE-ResNet without squeeze and excitation: a plain residual network.",
        "se_resnet",
        input_size=28,
        parameters=700_495,
        non_trainable=1_984,
        dropout=0.2,
        options={"gated": False},
    ),
    ModelSpec(
        "se-resnet-blurred",
        "SE-ResNet, anti-aliased",
        "SE-ResNet that blurs its maps before it leaves out every second pixel, for a third more work.",
        "se_resnet",
        input_size=28,
        parameters=711_167,
        non_trainable=1_984,
        dropout=0.2,
        options={"anti_aliased": True},
    ),
    ModelSpec(
        "se-resnet-attention",
        "SE-ResNet, attention pooling",
        "SE-ResNet that weighs the places of its last maps before it averages over them.",
        "se_resnet",
        input_size=28,
        parameters=711_296,
        non_trainable=1_984,
        dropout=0.2,
        options={"attention": True},
    ),
)

MODELS: dict[str, ModelSpec] = {spec.name: spec for spec in _ALL}


def get_model(name: str) -> ModelSpec:
    """Return the architecture called ``name``; raises ``RunError`` naming the ones there are."""
    try:
        return MODELS[name]
    except KeyError:
        raise RunError(f"There is no model called {name!r}; choose one of {', '.join(MODELS)}.") from None
