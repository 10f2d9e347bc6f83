"""Export: the serving file answers as the network does, and its figures say how well."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest

from emnist_core import data, runs
from emnist_core.errors import DataError, RunError
from emnist_core.models import MODELS
from emnist_core.runs import Run
from emnist_core.runs.weights import load_network
from emnist_core.serving.network_input import network_input
from emnist_core.serving.recognizer import Recognizer
from emnist_core.training.export import export


@pytest.fixture
def run(trained: Run, tmp_path: Path) -> Run:
    """A copy of the trained run that may be changed."""
    return Run(Path(shutil.copytree(trained.path, tmp_path / "copy")))


def test_the_figures_are_those_of_the_file_that_lies_there(trained: Run):
    measured, content = trained.serving(), trained.serving_file.read_bytes()
    assert measured.sha256 == hashlib.sha256(content).hexdigest()
    assert measured.bytes == len(content)
    assert measured.precision == "float16"


def test_the_comparison_can_be_reckoned_anew(trained: Run):
    dataset = data.load("digits", "train", "sample")
    rows = slice(len(dataset) - round(len(dataset) / 6), None)
    images, labels = dataset.images[rows], dataset.labels[rows]
    keras_says = np.asarray(load_network(trained)(network_input(images, 32)))
    served = Recognizer(trained, temperature=1.0).probabilities(images)
    measured = trained.serving()
    assert measured.images_compared == len(labels)
    assert measured.agreement == np.mean(keras_says.argmax(1) == served.argmax(1))
    assert measured.keras_accuracy == np.mean(keras_says.argmax(1) == labels)
    assert measured.serving_accuracy == np.mean(served.argmax(1) == labels)
    assert measured.largest_difference == pytest.approx(np.abs(keras_says - served).max(), abs=1e-5)
    assert measured.largest_difference < 0.01


def test_float32_is_larger_and_closer(run: Run):
    small = run.serving()
    large = export(run, "float32")
    assert large == run.serving()
    assert large.precision == "float32"
    assert 1.6 < large.bytes / small.bytes < 2.1
    assert large.largest_difference < 1e-5


def test_int8_is_smaller_and_still_reads(run: Run):
    small = run.serving()
    tiny = export(run, "int8")
    assert tiny.bytes < 0.7 * small.bytes
    assert tiny.agreement > 0.97


def test_an_export_is_calibrated(trained: Run):
    measured = trained.serving()
    assert measured.temperature != 1
    assert measured.images_calibrated == measured.images_compared


def test_no_network_to_export_is_told(run: Run):
    run.keras_file.unlink()
    with pytest.raises(RunError, match=r"copy has no model\.keras; train it again to export it"):
        export(run)


def test_without_the_data_to_compare_on_nothing_is_touched(run: Run):
    status = run.status()
    assert status.data is not None
    status.data.is_sample = False
    run.write_status(status)
    before = {path: path.read_bytes() for path in run.path.iterdir() if path.is_file()}
    with pytest.raises(DataError, match="has not been fetched"):
        export(run)
    assert {path: path.read_bytes() for path in run.path.iterdir() if path.is_file()} == before


def test_a_run_that_ships_is_not_exported():
    with pytest.raises(RunError, match="lenet5 came with the project and stays as it is; copy its folder"):
        export(runs.find("lenet5"))


@pytest.mark.parametrize("share", [0.0, 0.3, 0.999])
def test_a_truncated_network_is_told(run: Run, share: float):
    content = run.keras_file.read_bytes()
    run.keras_file.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(RunError, match=r"model\.keras of the run copy is damaged; train it again"):
        export(run)


def test_a_network_damaged_in_the_middle_is_told(run: Run):
    content = bytearray(run.keras_file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 1000] = bytes(1000)
    run.keras_file.write_bytes(content)
    with pytest.raises(RunError, match=r"model\.keras of the run copy is damaged; train it again"):
        export(run)


def test_damage_that_the_zip_reader_does_not_notice_is_told(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("zipfile.ZipExtFile._update_crc", lambda *_: None)  # as Python 3.13 in some places
    content = bytearray(run.keras_file.read_bytes())
    content[len(content) // 2] ^= 1
    run.keras_file.write_bytes(content)
    with pytest.raises(RunError, match=r"model\.keras of the run copy is damaged; train it again"):
        load_network(run)


def test_another_architectures_network_is_told(run: Run):
    MODELS["vanilla-cnn"].build(10).save(run.keras_file)
    with pytest.raises(RunError, match=r"model\.keras of the run copy is damaged; train it again"):
        export(run)
