"""What one answer costs, and which runtime gives it: ``python -m benchmarks.serving``.

Every shipped model, three tables:

1. as it is served: ``emnist_core.serving.recognizer`` from uint8 images to probabilities, on the shipped file;
2. LiteRT beside ONNX Runtime on the same float32 weights, and
3. LiteRT with weights kept as float32, float16 and int8, with what that does to accuracy. 2 and 3 time the
   runtime alone, on inputs that are ready.

Every measurement has a child process of its own, in turns, so that memory is what it is and a busy moment of the
machine falls on all. *One image*: 200 calls in each child. *Batches*: 256 images a call. *Open*: import of the
runtime and opening of the file. *Memory*: growth of the process's resident memory from before the import of the
runtime, once after the first image and once after the batches.

Where no ``model.keras`` ships (it is large), float16 is the shipped file, and the others the same network with new
weights, which cost the same; their accuracy is left out. ONNX Runtime is no dependency of the project; for its
rows: ``pip install onnxruntime tf2onnx onnx``.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.report import PROJECT, machine, median, table
from emnist_core import data, paths, runs
from emnist_core.data import Dataset
from emnist_core.errors import DataError
from emnist_core.runs import Run
from emnist_core.serving.network_input import network_input
from emnist_core.serving.opening import THREADS
from emnist_core.serving.recognizer import Recognizer

ROUNDS = 3
ONE_IMAGE_CALLS = 200
BATCH_CALLS = 5
BATCH = 256
TARGET = 1.0
PRECISIONS = ("float32", "float16", "int8")
SMALL = 1_000_000  # parameters
NO_ONNX = "For ONNX Runtime's rows: `pip install onnxruntime tf2onnx onnx`."

FIGURES = ("one image, ms", "images/s in batches", "open, ms", "memory, MB", "after batches, MB")

Answer = Callable[[np.ndarray], np.ndarray]


def main() -> None:
    """Convert, measure, print."""
    has_onnx = all(find_spec(name) for name in ("onnxruntime", "tf2onnx", "onnx"))
    shipped = [run for run in runs.servable_runs() if run.is_shipped]
    with tempfile.TemporaryDirectory() as folder:
        child("convert", folder, "onnx" if has_onnx else "litert")
        measured = [measure_model(run, Path(folder) / run.name, has_onnx) for run in shipped]
    print_served(measured)
    print_runtimes(measured, has_onnx)
    print_precisions(measured)
    print(machine("ai-edge-litert", "onnxruntime", "tensorflow", "keras") + f"; {THREADS} threads in each runtime")


def child(task: str, *arguments: object) -> dict[str, Any]:
    """Run one task of this file in a process of its own and return what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.serving", task, *map(str, arguments)],
        cwd=PROJECT,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        sys.exit(f"{task} {' '.join(map(str, arguments))} failed:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


# ---------------------------------------------------------------- in the parent


def measure_model(run: Run, converted: Path, has_onnx: bool) -> dict[str, Any]:
    """Every figure of one model, over all rounds."""
    runtimes = {"served": run.path, **{name: converted / f"{name}.tflite" for name in PRECISIONS}}
    if has_onnx:
        runtimes["onnx"] = converted / "float32.onnx"
    rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in runtimes}
    for _ in range(ROUNDS):
        for name, file in runtimes.items():
            rounds[name].append(child("time", name, file, run.recipe.spec.input_size))
    result: dict[str, Any] = {"run": run, "size": {}, "accuracy": {}}
    for name, children in rounds.items():
        result[name] = {
            "one": [value for each in children for value in each["one"]],
            "batch": [value for each in children for value in each["batch"]],
            **{key: [each[key] for each in children] for key in ("open", "after_one", "after_batches")},
        }
    for precision in PRECISIONS:
        result["size"][precision] = runtimes[precision].stat().st_size
        if run.keras_file.exists() or precision == "float16":
            result["accuracy"][precision] = child("answer", run.path, runtimes[precision])
    return result


def print_served(measured: list[dict[str, Any]]) -> None:
    """The first table and the verdict on the target."""
    print("**As served** (`recognizer`: uint8 images in, probabilities out; the shipped file)\n")
    rows = [(m["run"].name, f"{m['run'].recipe.spec.parameters:,}", *columns(m["served"])) for m in measured]
    print(table(("model", "parameters", *FIGURES), rows))
    small = [m for m in measured if m["run"].recipe.spec.parameters < SMALL]
    times = ", ".join(f"{m['run'].name} {statistics.median(m['served']['one']):.2f} ms" for m in small)
    print(f"\n{counts()}. Target: a small model answers one image in < {TARGET:.0f} ms: {times}.\n")


def print_runtimes(measured: list[dict[str, Any]], has_onnx: bool) -> None:
    """The second table."""
    names = {"float32": "LiteRT"} | ({"onnx": "ONNX Runtime"} if has_onnx else {})
    print("**The runtime alone**, the same float32 weights\n")
    rows = [(m["run"].name, title, *columns(m[name])) for m in measured for name, title in names.items()]
    print(table(("model", "runtime", *FIGURES), rows))
    print(f"\n{counts()}." + ("" if has_onnx else f" {NO_ONNX}") + "\n")


def print_precisions(measured: list[dict[str, Any]]) -> None:
    """The third table."""
    sets = [dataset.name for dataset in test_parts("balanced")]
    print("**Weights kept as float32, float16 or int8**, LiteRT alone\n")
    rows = []
    for m in measured:
        for precision in PRECISIONS:
            accuracies = m["accuracy"].get(precision, {})
            shown = (f"{m['size'][precision] / 1000:,.0f}", *columns(m[precision])[:2])
            rows.append((m["run"].name, precision, *shown, *(accuracies.get(name, "–") for name in sets)))
    print(table(("model", "weights", "file, kB", *FIGURES[:2], *(f"accuracy, {name}" for name in sets)), rows))
    sizes = ", ".join(f"{dataset.name} n = {len(dataset):,}" for dataset in test_parts("balanced"))
    print(f"\n{counts()}. Accuracy on the test parts: {sizes}.\n")


def columns(figures: dict[str, list[float]]) -> tuple[str, ...]:
    """One measurement's columns."""
    return (
        median(figures["one"]),
        median([BATCH / seconds for seconds in figures["batch"]], 0),
        median(figures["open"], 0),
        median(figures["after_one"], 0),
        median(figures["after_batches"], 0),
    )


def counts() -> str:
    """What the medians are of."""
    return (
        f"Median (min–max). n: one image {ROUNDS * ONE_IMAGE_CALLS}, batches of {BATCH} {ROUNDS * BATCH_CALLS}, "
        f"open and memory {ROUNDS}"
    )


def test_parts(split: str) -> list[Dataset]:
    """The sample's test part, and EMNIST's where it has been fetched."""
    found = [data.load(split, "test", "sample")]
    with suppress(DataError):
        found.append(data.load(split, "test", "emnist"))
    return found


# ---------------------------------------------------------------- in a child


def convert(folder: str, wanted: str) -> dict[str, Any]:
    """Write every shipped model as LiteRT of each precision and, if wanted, ONNX."""
    from emnist_core.runs.weights import load_network
    from emnist_core.training.export import convert as to_litert

    for path in paths.SHIPPED_RUNS.glob("*/model.tflite"):
        run, target = Run(path.parent), Path(folder) / path.parent.name
        network = load_network(run) if run.keras_file.exists() else run.recipe.spec.build(run.split.classes)
        for precision in ("float32", "int8"):
            to_litert(network, target / f"{precision}.tflite", precision)
        if run.keras_file.exists():
            to_litert(network, target / "float16.tflite", "float16")
        else:
            shutil.copy(path, target / "float16.tflite")
        if wanted == "onnx":
            network(np.zeros((1, *run.recipe.spec.input_shape), np.float32))
            network.export(target / "float32.onnx", format="onnx", verbose=False)
    return {}


def time_it(name: str, file: str, size: str) -> dict[str, Any]:
    """Open a model and time it; ``name`` says how: served, onnx, or the precision of a LiteRT file."""
    images = data.load("balanced", "test", "sample").images[:BATCH]
    inputs = images if name == "served" else network_input(images, int(size))
    before, begun = resident(), time.perf_counter()
    answer = open_model(name, file)
    opened = time.perf_counter() - begun
    answer(inputs[:1])
    after_one = resident()
    one = [clock(answer, inputs[n % BATCH][np.newaxis]) * 1000 for n in range(ONE_IMAGE_CALLS + 20)][20:]
    answer(inputs)
    batch = [clock(answer, inputs) for _ in range(BATCH_CALLS)]
    return {
        "one": one,
        "batch": batch,
        "open": opened * 1000,
        "after_one": after_one - before,
        "after_batches": resident() - before,
    }


def open_model(name: str, file: str) -> Answer:
    """The model as a function from inputs to probabilities."""
    if name == "served":
        return Recognizer(Run(Path(file))).probabilities
    if name == "onnx":
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = THREADS
        session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        argument = session.get_inputs()[0].name
        return lambda inputs: session.run(None, {argument: inputs})[0]
    return open_litert(file)


def open_litert(file: str) -> Answer:
    """A LiteRT file, resized to the batch it gets."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=Path(file).read_bytes(), num_threads=THREADS)
    interpreter.allocate_tensors()
    source, result = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    shape = (1,)

    def answer(inputs: np.ndarray) -> np.ndarray:
        nonlocal shape
        if inputs.shape != shape:
            interpreter.resize_tensor_input(source, inputs.shape)
            interpreter.allocate_tensors()
            shape = inputs.shape
        interpreter.set_tensor(source, inputs)
        interpreter.invoke()
        answers: np.ndarray = interpreter.get_tensor(result)
        return answers

    return answer


def answer_all(path: str, file: str) -> dict[str, Any]:
    """Accuracy of a LiteRT file of the run at ``path`` on the test parts that are here."""
    run = Run(Path(path))
    answer = open_litert(file)
    found = {}
    for dataset in test_parts(run.recipe.split):
        right = 0
        for begin in range(0, len(dataset), BATCH):
            rows = slice(begin, begin + BATCH)
            answers = answer(network_input(np.asarray(dataset.images[rows]), run.recipe.spec.input_size))
            right += int((answers.argmax(1) == dataset.labels[rows]).sum())
        found[dataset.name] = f"{right / len(dataset):.2%}"
    return found


def clock(answer: Answer, inputs: np.ndarray) -> float:
    """Seconds of one call."""
    begun = time.perf_counter()
    answer(inputs)
    return time.perf_counter() - begun


def resident() -> float:
    """Resident memory of this process in MB."""
    return float(psutil.Process().memory_info().rss) / 1e6


TASKS: dict[str, Callable[..., dict[str, Any]]] = {"convert": convert, "time": time_it, "answer": answer_all}

if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(TASKS[sys.argv[1]](*sys.argv[2:])))
    else:
        main()
