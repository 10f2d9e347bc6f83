"""The committed layer tables against Keras, the report, TensorFlow's profiler and what units really see."""

from functools import cache

import keras
import numpy as np
import pytest

from emnist_core.errors import RunError
from emnist_core.models import MODELS
from emnist_core.models.anatomy import FILE, as_json, layers_of
from tests.models.test_report_tables import TABLES, rows_of, totals_of
from tools.describe_models import describe, described

EVERY = pytest.mark.parametrize("name", MODELS)


@cache
def built(name: str) -> keras.Model:
    """The architecture in float32; tests that change its weights set all of them."""
    keras.config.set_dtype_policy("float32")
    return MODELS[name].build()


def test_the_committed_file_is_current() -> None:
    written, built = FILE.read_text(encoding="utf-8"), as_json(described())
    assert written == built, "run `python -m tools.describe_models`"


@EVERY
def test_the_parameters_add_up_to_the_registrys(name: str) -> None:
    assert sum(layer.parameters for layer in layers_of(name)) == MODELS[name].parameters


@pytest.mark.parametrize("name", TABLES)
def test_kinds_shapes_and_parameters_are_the_reports(name: str) -> None:
    layers, expected = layers_of(name), rows_of(TABLES[name])
    assert [(layer.shape, layer.parameters) for layer in layers] == [line[2:] for line in expected]
    assert all(layer.kind.startswith(kind) for layer, (_, kind, *_) in zip(layers, expected, strict=True))
    assert sum(layer.parameters for layer in layers) == totals_of(TABLES[name])[0]


@EVERY
def test_another_number_of_classes_changes_the_last_layer_as_keras_says(name: str) -> None:
    last, expected = layers_of(name, 10)[-1], describe(MODELS[name].build(10))[-1]
    numbers = [(layer.shape, layer.parameters, layer.multiply_adds) for layer in (last, expected)]
    assert numbers[0] == numbers[1]
    assert layers_of(name, 10)[:-1] == layers_of(name)[:-1]


def test_an_unknown_architecture_is_refused_in_a_sentence() -> None:
    with pytest.raises(RunError, match="no model called"):
        layers_of("lenet6")


@EVERY
def test_multiply_adds_are_those_of_tensorflows_profiler(name: str) -> None:
    assert sum(layer.multiply_adds for layer in layers_of(name)) == profiled(built(name))


def profiled(network: keras.Model) -> int:
    """Half the floating-point operations of convolutions and dense layers, and every product of a gate."""
    import tensorflow as tf

    spec = tf.TensorSpec((1, *network.input_shape[1:]), tf.float32)
    graph = tf.function(network).get_concrete_function(spec).graph
    builder = tf.compat.v1.profiler.ProfileOptionBuilder
    options = builder(builder.float_operation()).with_empty_output()
    counted = options.with_accounted_types(["Conv2D", "MatMul"]).build()
    operations = tf.compat.v1.profiler.profile(graph, cmd="op", options=counted).total_float_ops
    gates = [operation for operation in graph.get_operations() if "/multiply" in operation.name]
    return operations // 2 + sum(
        operation.outputs[0].shape.num_elements() for operation in gates if operation.type == "Mul"
    )


def test_multiply_adds_by_hand() -> None:
    by_name = {layer.name: layer.multiply_adds for layer in layers_of("lenet5-v2")}
    assert by_name["convolution_2"] == 20 * 20 * 32 * (5 * 5 * 32)
    assert by_name["fully_connected_1"] == 3 * 3 * 64 * 256
    blocks = {layer.name: layer.multiply_adds for layer in layers_of("resnet34")}
    assert blocks["residual_block_3"] == 3 * 3 * 128 * (9 * 64 + 9 * 128 + 64)


@EVERY
def test_idle_weights_are_those_that_no_image_moves(name: str) -> None:
    """Taps of a window whose gradient is exactly zero for noise, through random weights."""
    import tensorflow as tf

    generator = np.random.default_rng(1)
    network = MODELS[name].build()
    images = generator.random((16, *network.input_shape[1:]), dtype=np.float32)
    answers = tf.one_hot(generator.integers(0, 47, 16), 47)
    kernels = [weight.value for weight in network.trainable_weights if len(weight.shape) == 4]
    with tf.GradientTape() as tape:
        loss = keras.losses.categorical_crossentropy(answers, network(images, training=True))
    moved = [np.any(gradient, axis=(2, 3)) for gradient in tape.gradient(loss, kernels)]
    idle = [int((~taps).sum()) * int(np.prod(kernel.shape[2:])) for taps, kernel in zip(moved, kernels, strict=True)]
    assert sum(layer.idle for layer in layers_of(name)) == sum(idle)


def test_half_of_resnet34_is_idle() -> None:
    """By hand: over a map of 1×1 one tap of nine works; where 2×2 becomes 1×1, four of nine."""
    idle = sum(layer.idle for layer in layers_of("resnet34"))
    assert idle == 5 * 256 * 512 + 5 * 8 * 512 * 512
    assert idle / MODELS["resnet34"].parameters == pytest.approx(0.522, abs=0.001)


@EVERY
def test_the_middle_unit_sees_the_pixels_that_change_it(name: str) -> None:
    """Each pixel alone on an empty image, through weights above 0: what reaches the unit is in its field."""
    network, size = built(name), MODELS[name].input_size
    for weight in network.weights:
        weight.assign(np.full(weight.shape, plain(weight)))
    layers = layers_of(name)
    # Layers without a name of their own are numbered by what was built before; their order is the same.
    places = [place for place, layer in enumerate(layers) if layer.is_map and (layer.kernel or layer.kind == "Add")]
    lookers = keras.Model(network.inputs[0], [network.layers[place].output for place in places])
    pixels = np.eye(size * size, dtype=np.float32).reshape(-1, size, size, 1)
    seen = lookers.predict(pixels, batch_size=256, verbose=0)
    for place, outputs in zip(places, seen, strict=True):
        layer = layers[place]
        middle = layer.shape[0] // 2
        reached = (outputs[:, middle, middle, 0] > 0).reshape(size, size)
        first, last = layer.sees(middle)
        expected = np.zeros((size, size), bool)
        expected[max(first, 0) : last + 1, max(first, 0) : last + 1] = True
        assert (reached == expected).all(), layer.name
        if first >= 0 and last < size:
            assert reached.sum() == layer.receptive_field**2


def plain(weight: keras.Variable) -> float:
    """A kernel that adds up, no bias, and batch normalisation that changes nothing."""
    kind = weight.path.rsplit("/", 1)[1]
    if kind == "kernel":
        # Averages, so that deep networks stay within float32.
        return 1 / weight.shape[-2]
    return 1.0 if kind in ("gamma", "moving_variance") else 0.0


def test_resnet34_sees_far_beyond_a_character() -> None:
    """By hand: 7, pooling 11, and two 3×3 convolutions a block, each of two jumps: 4, then 8, 16 and 32 pixels."""
    fields = [layer.receptive_field for layer in layers_of("resnet34") if layer.kind == "ResidualBlock"]
    assert fields[:3] == [27, 43, 59]
    assert fields[-1] == 59 + 24 + 3 * 32 + 48 + 5 * 64 + 96 + 2 * 128 == 899
