"""A serving model's file, altered."""

import flatbuffers  # type: ignore[import-untyped]
from ai_edge_litert import schema_py_generated as schema


def with_another_operator(file: bytes, name: str, other: str) -> bytes:
    """A .tflite file with one kind of operator replaced by another."""
    numbers = vars(schema.BuiltinOperator)
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(file, 0))
    for code in model.operatorCodes:
        if code.builtinCode == numbers[name]:
            code.builtinCode = code.deprecatedBuiltinCode = numbers[other]
    builder = flatbuffers.Builder(len(file))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())
