"""The reader's scripts as one, for a Web Worker, a page or a file."""

import re
from functools import cache
from pathlib import Path

FILES = ("tflite.js", "memory.js", "product.js", "conversion.js", "operators.js", "network.js", "worker.js")
"""In an order in which each comes after those that it imports."""
MODULES = re.compile(r"^import .*?;\n|^export (?=const|class|function)", re.MULTILINE | re.DOTALL)
"""What makes a module of a file."""


@cache
def source(*files: str) -> str:
    """The text of the reader's scripts, or of these ``files`` of it: modules joined into one classic script."""
    folder = Path(__file__).parent
    return "\n".join(MODULES.sub("", (folder / name).read_text(encoding="utf-8")) for name in files or FILES)
