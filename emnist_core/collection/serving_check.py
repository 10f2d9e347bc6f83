"""Try the serving model of a run that somebody brought: ``python -m emnist_core.collection.serving_check FOLDER``.

In a process of its own, since LiteRT checks little of a file, and one that was made for it may take the process down.
It ends with 0 when the model consists of our operations, fits the recipe and answers in probabilities.
"""

import sys
from contextlib import suppress
from pathlib import Path

import numpy as np

from emnist_core.runs import Run
from emnist_core.serving import opening
from emnist_core.serving.recognizer import BATCH, Recognizer

OPERATIONS = {
    "ADD", "AVERAGE_POOL_2D", "CONV_2D", "DEQUANTIZE", "FULLY_CONNECTED", "LOGISTIC", "MAX_POOL_2D", "MEAN", "MUL",
    "PACK", "QUANTIZE", "RESHAPE", "SHAPE", "SOFTMAX", "STRIDED_SLICE", "TANH",
}  # fmt: skip
"""What the exports of this project's architectures consist of."""
MOST_MEMORY = 8 << 30


def main(folder: str) -> int:
    """The exit status: 0 for a model of ours."""
    _limit_memory()
    from ai_edge_litert.interpreter import OpResolverType

    run = Run(Path(folder))
    plain = OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    model = opening.interpreter(run, experimental_op_resolver_type=plain)
    if not {operation["op_name"] for operation in model._get_ops_details()} <= OPERATIONS:
        return 1
    answers = Recognizer(run).probabilities(np.zeros((BATCH + 1, 28, 28), np.uint8))
    return 0 if np.isfinite(answers).all() and np.allclose(answers.sum(axis=1), 1, atol=0.01) else 1


def _limit_memory() -> None:
    """Let what would take all of the machine's memory end instead, where the system knows such limits."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
