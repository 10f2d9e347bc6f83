"""Everything this project knows about EMNIST; imports no user interface."""

from types import ModuleType


def __getattr__(name: str) -> ModuleType:
    """``emnist_core.data`` by ``import emnist_core`` alone, loaded when it is asked for."""
    if name != "data":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return import_module("emnist_core.data")
