"""Weights that somebody brought lead to nothing outside their file, and are as many as the network has."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from emnist_core.errors import RunError
from emnist_core.runs import Run, notes
from emnist_core.runs.weights import load_network
from tests.helpers.shipped import copy_of


@pytest.fixture
def imported(home: Path) -> Run:
    run = copy_of("lenet5", home / "runs")
    notes.change(run, imported="2026-01-01")
    return run


def change(run: Run, edit: Callable[[h5py.File], object]) -> None:
    """Edit the weights within ``model.keras``."""
    with zipfile.ZipFile(run.keras_file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    weights = io.BytesIO(members["model.weights.h5"])
    with h5py.File(weights, "r+") as opened:
        edit(opened)
    members["model.weights.h5"] = weights.getvalue()
    with zipfile.ZipFile(run.keras_file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def outside(weights: h5py.File) -> None:
    del weights["layers/dense/vars/0"]
    weights["layers/dense/vars"].create_dataset("0", (120, 84), "f4", external=[("/etc/passwd", 0, 40320)])


def linked(weights: h5py.File) -> None:
    del weights["layers/dense/vars/0"]
    weights["layers/dense/vars/0"] = h5py.ExternalLink("/tmp/other.h5", "x")


def soft(weights: h5py.File) -> None:
    weights["more"] = h5py.SoftLink("/layers")


def packed(weights: h5py.File) -> None:
    weights.create_dataset("more", data=np.zeros(10), chunks=(10,), compression="gzip")


def circular(weights: h5py.File) -> None:
    weights["layers/again"] = weights["layers"]


def many(weights: h5py.File) -> None:
    weights.create_dataset("more", data=np.zeros(10**6, "f4"))


def test_whole_weights_are_read_as_before(imported: Run) -> None:
    assert load_network(imported).count_params() == imported.recipe.spec.parameters


@pytest.mark.parametrize("edit", [outside, linked, soft, packed, circular, many], ids=lambda edit: edit.__name__)
def test_hostile_weights_are_refused(imported: Run, edit: Callable[[h5py.File], object]) -> None:
    change(imported, edit)
    with pytest.raises(RunError, match=r"model\.keras of the run lenet5 is damaged"):
        load_network(imported)
