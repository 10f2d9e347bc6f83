"""A recipe as a Python script that trains it by Keras alone, without this project.

The script is put together from the very functions that train here, as they stand in their files, with what these need;
of the project it imports nothing.
"""

import ast
import builtins
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from pprint import pformat
from types import MappingProxyType
from typing import Any, NamedTuple

from emnist_core.errors import RecipeError
from emnist_core.recipe import Recipe

CORE = Path(__file__).resolve().parent.parent
HEAD = r'''"""{title} on EMNIST {split}, trained by Keras alone.

It needs the packages keras, numpy and one that Keras reckons with, as tensorflow.

    python {name}.py --images emnist-{split}-train-images-idx3-ubyte.gz \
        --labels emnist-{split}-train-labels-idx1-ubyte.gz
    python {name}.py --npz {split}.npz

The first two files are NIST's (https://www.nist.gov/itl/products-and-services/emnist-dataset), packed or not. The other
is NumPy's: ``images``, uint8 (N, 28, 28), upright, ink 255 on paper 0, and ``labels``, int64 (N,), from 0 on:

    dataset = emnist_core.data.load("{split}", "train")
    numpy.savez("{split}.npz", images=dataset.images, labels=dataset.labels)

It writes {name}.keras, the weights that the recipe keeps, and {name}.json, the curves.
"""

from __future__ import annotations

'''
SETTINGS = """
RECIPE = SimpleNamespace(
    **{settings}
)
NAME, CLASSES, FIRST_LABEL, SIZE = {name!r}, {classes}, {offset}, {size}
HELD_OUT_BATCH = 256
"""
MAIN = '''

def read_idx(path: str) -> np.ndarray:
    """An array of NIST's, from a file that is packed or not."""
    content = (gzip.open(path) if path.endswith(".gz") else open(path, "rb")).read()
    dimensions = content[3]
    shape = np.frombuffer(content, ">u4", dimensions, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def load(options: argparse.Namespace) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 (N, 28, 28), upright, and labels int64 (N,)."""
    if options.npz:
        arrays = np.load(options.npz)
        return arrays["images"], arrays["labels"]
    images = read_idx(options.images).transpose(0, 2, 1)  # which NIST stores transposed
    return images, read_idx(options.labels).astype(np.int64) - FIRST_LABEL


class Keep(keras.callbacks.Callback):
    """Show the epoch's images in their order; save the network at the end of it, if it is to be kept."""

    def __init__(self, network: keras.Model, batches: Batches) -> None:
        super().__init__()
        self.network, self.batches, self.best = network, batches, -1.0

    def on_epoch_begin(self, epoch, logs=None):
        self.batches.go_to(epoch)

    def on_epoch_end(self, epoch, logs=None):
        if RECIPE.keep == "last" or logs["val_accuracy"] > self.best:
            self.best = logs["val_accuracy"]
            self.network.save(NAME + ".keras", include_optimizer=False)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--images", "--labels", "--npz"):
        options.add_argument(name)
    options = options.parse_args()
    if not (options.npz or (options.images and options.labels)):
        raise SystemExit("Give --images and --labels, or --npz.")
    images, labels = load(options)
    begin = len(images) - round(len(images) * RECIPE.validation_share)
    rows = min(begin, RECIPE.train_images or begin)

    keras.utils.set_random_seed(RECIPE.seed)
    keras.mixed_precision.set_global_policy(RECIPE.precision)
    network = build(CLASSES, **RECIPE.network)
    batches = Batches(images[:rows], labels[:rows], CLASSES, SIZE, RECIPE.batch_size, RECIPE.seed, {mix})
    held_out = Batches(images[begin:], labels[begin:], CLASSES, SIZE, HELD_OUT_BATCH)
    model = {model}
    rate = learning_rate(RECIPE, len(batches) * RECIPE.epochs)
    is_on_cpu = keras.backend.backend() == "tensorflow" and not keras.distribution.list_devices("gpu")
    model.compile(
        optimizer=optimizer(RECIPE, rate),
        loss=keras.losses.CategoricalCrossentropy(label_smoothing=RECIPE.label_smoothing),
        metrics=["accuracy"],
        jit_compile=False if is_on_cpu else "auto",
    )
    history = model.fit(
        batches,
        validation_data=held_out,
        epochs=RECIPE.epochs,
        verbose=2,
        shuffle=False,  # the batches shuffle themselves
        callbacks=[{average}Keep(network, batches)],
    ).history
    with open(NAME + ".json", "w") as file:
        json.dump(history, file, indent=2)
{settle}

if __name__ == "__main__":
    main()
'''
SETTLE = """    # Batch normalisation's statistics, from images that are not varied.
    network.load_weights(NAME + ".keras")
    settle(network, sample_images(images[:rows], RECIPE), SIZE)
    network.save(NAME + ".keras", include_optimizer=False)
"""
ALWAYS = ("import argparse", "import gzip", "import json", "import keras", "import numpy as np")


class Definition(NamedTuple):
    """A function, a class or a constant of the project: where it stands, and the lines of it."""

    module: str
    name: str
    source: str


def to_script(recipe: Recipe, name: str) -> str:
    """A Python script that trains the recipe; ``name`` is what it is called and what its files are.

    Raises:
        RecipeError: when it learns from other runs or from other splits' images, which no script can bring along.
    """
    if recipe.teachers:
        raise RecipeError("teachers", "a script has no other runs to learn from; choose nobody to take it along.")
    if recipe.extra_images:
        raise RecipeError("extra_images", "a script reads one split; leave them out to take it along.")
    spec, split = recipe.spec, recipe.split_spec
    is_wrapped = recipe.augmentation != "none" or recipe.prior == "even"
    augment = f"Augment({recipe.augmentation == 'elastic'}, RECIPE.seed)" if recipe.augmentation != "none" else "None"
    shares = "np.bincount(labels[:rows], minlength=CLASSES) / rows" if recipe.prior == "even" else "None"
    main = MAIN
    for mark, text in {
        "{mix}": "None" if recipe.mixing == "none" else recipe.mixing,
        "{model}": f"TrainingModel(network, {augment}, {shares})" if is_wrapped else "network",
        "{average}": "keras.callbacks.SwapEMAWeights(swap_on_epoch=True), " if recipe.weight_average else "",
        "{settle}": SETTLE if recipe.batch_norm_images else "",
    }.items():
        main = main.replace(mark, text)
    wanted = [(f"models.{spec.module}", "build"), ("training.batches", "Batches")]
    wanted += [("training.optimizers", "learning_rate"), ("training.optimizers", "optimizer")]
    wanted += [("training.training_model", "TrainingModel")] * is_wrapped
    wanted += [("training.augmentation", "Augment")] * (recipe.augmentation != "none")
    wanted += [("training.mixing", recipe.mixing)] * (recipe.mixing != "none")
    wanted += [("training.batch_norm", "settle"), ("training.batch_norm", "sample_images")] * bool(
        recipe.batch_norm_images
    )
    parts = _definitions(wanted)
    body = "\n\n\n".join(part.source for part in parts)
    head = HEAD.format(title=spec.title, split=split.name, name=name)
    imports = "\n".join(sorted({*ALWAYS, "from types import SimpleNamespace", *_imports(parts)}, key=_group))
    settings = SETTINGS.format(
        settings=pformat(_settings(recipe), sort_dicts=False).replace("\n", "\n    "),
        name=name,
        classes=split.classes,
        offset=split.label_offset,
        size=spec.input_size,
    )
    return head + imports + "\n" + settings + "\n\n" + body + "\n" + main


def _settings(recipe: Recipe) -> dict[str, Any]:
    """What the functions ask of a recipe, and what the network is built with."""
    spec = recipe.spec
    left_out = {"model", "split", "dataset_kind", "dropout", "l2", "teachers", "extra_images", "mixing", "prior"}
    network: dict[str, Any] = {
        "dropout": (spec.dropout or 0.0) if recipe.dropout is None else recipe.dropout,
        "l2": spec.l2 if recipe.l2 is None else recipe.l2,
        **spec.options,
    }
    return {
        **recipe.model_dump(exclude=left_out),
        "peak_learning_rate": recipe.peak_learning_rate,
        "network": network,
    }


def _group(line: str) -> tuple[bool, bool, str]:
    """Python's own imports first."""
    return ("keras" in line or "numpy" in line, line.startswith("from"), line)


@cache
def _module(name: str) -> tuple[MappingProxyType[str, str], MappingProxyType[str, tuple[str, str]], tuple[str, ...]]:
    """Of a module of the project: its definitions, what it has from others of the project, and its other imports."""
    text = (CORE / Path(*name.split("."))).with_suffix(".py").read_text(encoding="utf-8")
    lines, own, borrowed, imports = text.splitlines(), dict[str, str](), dict[str, tuple[str, str]](), list[str]()
    for node in ast.parse(text).body:
        source = "\n".join(lines[node.lineno - 1 : node.end_lineno])
        match node:
            case ast.ImportFrom(module=str(module)) if module.startswith("emnist_core."):
                origin = module.removeprefix("emnist_core.")
                borrowed |= {alias.asname or alias.name: (origin, alias.name) for alias in node.names}
            case ast.Import() | ast.ImportFrom():
                imports.append(source)
            case ast.FunctionDef(name=defined) | ast.ClassDef(name=defined):
                own[defined] = source
            case ast.Assign(targets=[ast.Name(id=defined)]) | ast.AnnAssign(target=ast.Name(id=defined)):
                own[defined] = source
    return MappingProxyType(own), MappingProxyType(borrowed), tuple(imports)


def _definitions(wanted: list[tuple[str, str]]) -> list[Definition]:
    """The definitions of these names and of all that they need, what is needed first."""
    found: dict[tuple[str, str], Definition] = {}

    def add(module: str, name: str) -> None:
        own, borrowed, _ = _module(module)
        if name in borrowed:
            add(*borrowed[name])
        elif name in own and (module, name) not in found:
            for needed in _names(own[name]):
                if needed != name:
                    add(module, needed)
            found[module, name] = Definition(module, name, own[name])

    for module, name in wanted:
        add(module, name)
    return list(found.values())


def _imports(parts: list[Definition]) -> set[str]:
    """The lines that import what these use from outside the project, a name each."""
    lines = set()
    for part in parts:
        used = set(_names(part.source)) | {"Any"}
        for source in _module(part.module)[2]:
            node = ast.parse(source).body[0]
            assert isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names:
                if (alias.asname or alias.name) in used:
                    told = ast.unparse(alias)
                    lines.add(
                        f"from {node.module} import {told}" if isinstance(node, ast.ImportFrom) else f"import {told}"
                    )
    return lines


def _names(source: str) -> Iterator[str]:
    """The names that code asks for when it runs, which annotations do not."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        for annotation in ("annotation", "returns"):
            if getattr(node, annotation, None) is not None:
                setattr(node, annotation, None if annotation == "returns" else ast.Constant(None))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not hasattr(builtins, node.id):
            yield node.id
