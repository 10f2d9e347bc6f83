"""A serving model with its weights in 8 bits, made without TensorFlow, for a file that is to be small.

Only what is stored shrinks: every filter's weights become whole numbers of -127 to 127 and a scale, which the model's
own DEQUANTIZE turns back into numbers. The arithmetic stays that of float32.
"""

from typing import Any

import flatbuffers  # type: ignore[import-untyped]
import numpy as np
from ai_edge_litert import schema_py_generated as schema

LEAST = 1024
"""Numbers from which a constant is worth it."""


def in_eight_bits(file: bytes) -> bytes:
    """A ``model.tflite`` with float16 weights, stored in 8 bits.

    Constants of fewer than 1,024 numbers, biases among them, stay as they are.
    """
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(file, 0))
    for tensor in model.subgraphs[0].tensors:
        stored = model.buffers[tensor.buffer].data
        if tensor.type == schema.TensorType.FLOAT16 and stored is not None and len(stored) >= 2 * LEAST:
            _shrink(tensor, model.buffers[tensor.buffer])
    builder = flatbuffers.Builder(len(file))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _shrink(tensor: Any, buffer: Any) -> None:
    """Store a tensor's numbers in 8 bits, with a scale for each index of its first axis."""
    weights = np.frombuffer(bytes(buffer.data), np.float16).astype(np.float32).reshape(int(tensor.shape[0]), -1)
    scales = np.maximum(np.abs(weights).max(axis=1), np.float32(1e-12)) / 127
    buffer.data = np.round(weights / scales[:, None]).astype(np.int8).view(np.uint8).ravel()
    tensor.type = schema.TensorType.INT8
    tensor.quantization = schema.QuantizationParametersT()
    tensor.quantization.scale = scales.astype(np.float32)
    tensor.quantization.zeroPoint = np.zeros(len(scales), np.int64)
    tensor.quantization.quantizedDimension = 0
