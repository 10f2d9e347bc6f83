"""Commands called in this process and in one of their own, and what they answered."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emnist_core import paths
from emnist_core.recipe import Recipe

QUICK = Recipe(model="lenet5", split="digits", dataset_kind="sample", train_images=64, batch_size=32, epochs=1)
QUICK_OPTIONS = [word for name in QUICK.model_fields_set for word in ("--set", f"{name}={getattr(QUICK, name)}")]


@dataclass
class Answer:
    """What a command gave."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout: one line, with nothing beside it."""
        assert (self.status, len(self.out.splitlines())) == (0, 1), self.out + self.err
        return json.loads(self.out)


Call = Callable[..., Answer]


def child(*arguments: object, program: str | None = None) -> Answer:
    """Run a command in a process of its own."""
    command = [sys.executable, *(["-c", program] if program else ["-m", "emnist_core"]), *map(str, arguments)]
    done = subprocess.run(command, cwd=paths.PROJECT, capture_output=True, text=True, check=False)
    return Answer(done.returncode, done.stdout, done.stderr)
