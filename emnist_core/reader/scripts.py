"""The reader's scripts as one, for a Web Worker, a page or a file."""

import re
from functools import cache
from pathlib import Path

FILES = ("tflite.js", "memory.js", "product.js", "conversion.js", "operators.js", "network.js", "worker.js")
"""In an order in which each comes after those that it imports."""
MODULES = re.compile(r"^import .*?;\n|^export (?=const|class|function)", re.MULTILINE | re.DOTALL)
"""What makes a module of a file."""


@cache
def source() -> str:
    """The text of the reader's scripts."""
    return joined(*(Path(__file__).with_name(name) for name in FILES))


def joined(*files: Path) -> str:
    """Modules as one classic script; each comes after those that it imports."""
    return "\n".join(MODULES.sub("", file.read_text(encoding="utf-8")) for file in files)
