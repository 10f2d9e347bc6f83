"""The report's networks, line by line against the report's own tables."""

import re

import keras
import pytest

from emnist_core.models import get_model

VANILLA_CNN = """
conv2d (Conv2D)              (None, 28, 28, 128)       3328
max_pooling2d (MaxPooling2D) (None, 14, 14, 128)       0
conv2d_1 (Conv2D)            (None, 14, 14, 64)        73792
max_pooling2d_1 (MaxPooling2 (None, 7, 7, 64)          0
flatten (Flatten)            (None, 3136)              0
dense (Dense)                (None, 128)               401536
dropout (Dropout)            (None, 128)               0
dense_1 (Dense)              (None, 47)                6063
Total params: 484,719
Trainable params: 484,719
Non-trainable params: 0
"""

LENET5_V2 = """
convolution_1 (Conv2D)       (None, 24, 24, 32)        832
convolution_2 (Conv2D)       (None, 20, 20, 32)        25600
batchnorm_1 (BatchNormalizat (None, 20, 20, 32)        128
activation (Activation)      (None, 20, 20, 32)        0
max_pool_1 (MaxPooling2D)    (None, 10, 10, 32)        0
dropout_1 (Dropout)          (None, 10, 10, 32)        0
convolution_3 (Conv2D)       (None, 8, 8, 64)          18496
convolution_4 (Conv2D)       (None, 6, 6, 64)          36864
batchnorm_2 (BatchNormalizat (None, 6, 6, 64)          256
activation_1 (Activation)    (None, 6, 6, 64)          0
max_pool_2 (MaxPooling2D)    (None, 3, 3, 64)          0
dropout_2 (Dropout)          (None, 3, 3, 64)          0
flatten (Flatten)            (None, 576)               0
fully_connected_1 (Dense)    (None, 256)               147456
batchnorm_3 (BatchNormalizat (None, 256)               1024
activation_2 (Activation)    (None, 256)               0
fully_connected_2 (Dense)    (None, 128)               32768
batchnorm_4 (BatchNormalizat (None, 128)               512
activation_3 (Activation)    (None, 128)               0
fully_connected_3 (Dense)    (None, 84)                10752
batchnorm_5 (BatchNormalizat (None, 84)                336
activation_4 (Activation)    (None, 84)                0
dropout_3 (Dropout)          (None, 84)                0
output (Dense)               (None, 47)                3995
Total params: 279,019
Trainable params: 277,891
Non-trainable params: 1,128
"""

RESNET34 = """
input_7 (InputLayer)         [(None, 28, 28, 1)]       0
conv2d_6 (Conv2D)            (None, 14, 14, 64)        3200
batch_normalization_6 (Batch (None, 14, 14, 64)        256
re_lu_6 (ReLU)               (None, 14, 14, 64)        0
max_pooling2d_6 (MaxPooling2 (None, 6, 6, 64)          0
residual_block_96 (ResidualB (None, 6, 6, 64)          74368
residual_block_97 (ResidualB (None, 6, 6, 64)          74368
residual_block_98 (ResidualB (None, 6, 6, 64)          74368
residual_block_99 (ResidualB (None, 3, 3, 128)         231296
residual_block_100 (Residual (None, 3, 3, 128)         296192
residual_block_101 (Residual (None, 3, 3, 128)         296192
residual_block_102 (Residual (None, 3, 3, 128)         296192
residual_block_103 (Residual (None, 2, 2, 256)         921344
residual_block_104 (Residual (None, 2, 2, 256)         1182208
residual_block_105 (Residual (None, 2, 2, 256)         1182208
residual_block_106 (Residual (None, 2, 2, 256)         1182208
residual_block_107 (Residual (None, 2, 2, 256)         1182208
residual_block_108 (Residual (None, 2, 2, 256)         1182208
residual_block_109 (Residual (None, 1, 1, 512)         3677696
residual_block_110 (Residual (None, 1, 1, 512)         4723712
residual_block_111 (Residual (None, 1, 1, 512)         4723712
global_average_pooling2d_6 ( (None, 512)               0
dense_6 (Dense)              (None, 47)                24111
Total params: 21,328,047
Trainable params: 21,311,023
Non-trainable params: 17,024
"""

TABLES = {"vanilla-cnn": VANILLA_CNN, "lenet5-v2": LENET5_V2, "resnet34": RESNET34}
LINE = re.compile(r"(\w+) \((\w*)\)? +\[?\(None, ([\d, ]+)\)\]? +(\d+)")
DROPOUT = {"vanilla-cnn": [0.5], "lenet5-v2": [0.25, 0.25, 0.25], "resnet34": []}
"""The report's best Vanilla CNN dropped 0.5, LeNet-5 v2 0.25; its ResNet-34 has no dropout."""


def rows_of(table: str) -> list[tuple[str, str, tuple[int, ...], int]]:
    """The table's layers: name, kind (cut short as in the report), output shape without the batch, parameters."""
    found = [LINE.match(line) for line in table.split("Total")[0].strip().splitlines()]
    return [
        (line[1], line[2], tuple(int(size) for size in line[3].split(",")), int(line[4]))
        for line in found
        if line is not None
    ]


def totals_of(table: str) -> list[int]:
    """Total, trainable and non-trainable parameters."""
    return [int(number.replace(",", "")) for number in re.findall(r"params: ([\d,]+)", table)]


def count(weights: list[keras.Variable]) -> int:
    return sum(weight.value.numpy().size for weight in weights)


@pytest.fixture(scope="module", params=TABLES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def model(name: str) -> keras.Model:
    keras.config.set_dtype_policy("float32")
    return get_model(name).build(47)


def test_every_layer_has_the_reports_kind_shape_and_parameters(name: str, model: keras.Model):
    expected = rows_of(TABLES[name])
    assert len(expected) == {"vanilla-cnn": 8, "lenet5-v2": 24, "resnet34": 23}[name]
    assert len(model.layers) == len(expected)
    for layer, (line, kind, shape, parameters) in zip(model.layers, expected, strict=True):
        output = layer.output.shape if not isinstance(layer, keras.layers.InputLayer) else layer.batch_shape
        assert type(layer).__name__.startswith(kind), line
        assert (line, tuple(output), layer.count_params()) == (line, (None, *shape), parameters)


def test_the_totals_are_the_reports(name: str, model: keras.Model):
    counts = [count(model.weights), count(model.trainable_weights), count(model.non_trainable_weights)]
    assert counts == totals_of(TABLES[name])


def test_dropout_is_the_reports(name: str, model: keras.Model):
    rates = [layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)]
    assert rates == DROPOUT[name]


def test_lenet5_v2_has_the_reports_layer_names():
    model = get_model("lenet5-v2").build(47)
    assert [layer.name for layer in model.layers] == [name for name, *_ in rows_of(LENET5_V2)]


def test_lenet5_v2_on_32_pixels_differs_in_its_first_dense_layer_alone():
    small, large = get_model("lenet5-v2").build(47), get_model("lenet5-v2-32").build(47)
    differing = [
        (one.name, one.count_params(), other.count_params())
        for one, other in zip(small.layers, large.layers, strict=True)
        if one.count_params() != other.count_params()
    ]
    # 32 → 28 → 24 → 12 → 10 → 8 → 4: 16 positions of 64 maps instead of 9.
    assert differing == [("fully_connected_1", 9 * 64 * 256, 16 * 64 * 256)]
