"""The package as it is installed: what it names, what it holds, and that it works away from the checkout."""

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from emnist_core import paths

PROJECT = tomllib.loads((paths.PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]


def required(name: str) -> set[str]:
    """What a requirements file asks for itself, without the files that it reads."""
    lines = (paths.PROJECT / name).read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith(("#", "-r "))}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("requirements-serving.txt", [*PROJECT["dependencies"], *EXTRAS["app"]]),
        ("requirements.txt", EXTRAS["train"]),
        ("requirements-dev.txt", EXTRAS["dev"]),
    ],
)
def test_what_a_host_reads_is_what_the_package_names(name: str, expected: list[str]):
    assert required(name) == set(expected)


def test_integrated_gradients_need_no_more_than_training_does():
    assert set(EXTRAS["explain"]) < set(EXTRAS["train"])


@pytest.mark.parametrize("folder", ["tests", "tools", "benchmarks", "pages", "widgets", "emnist_core"])
def test_nothing_alters_where_python_looks_for_modules(folder: str):
    altering = "sys." + "path"
    files = (paths.PROJECT / folder).rglob("*.py")
    assert [file.name for file in files if altering in file.read_text(encoding="utf-8")] == []


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel holds, as an installer unpacks it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=paths.PROJECT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_has_the_packages_data_and_the_command(installed: Path):
    core = installed / "emnist_core"
    assert (core / "data/sample.npz").is_file()
    assert (core / "models/anatomy.json").is_file()
    assert (core / "_shipped/recipes/ours.toml").is_file()
    assert {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")} == {"emnist_core"}
    (entry_points,) = installed.glob("*.dist-info/entry_points.txt")
    assert "emnist = emnist_core.cli:main" in entry_points.read_text()


def test_every_file_of_the_package_is_in_the_wheel(installed: Path):
    tracked = subprocess.run(
        ["git", "ls-files", "emnist_core"], cwd=paths.PROJECT, capture_output=True, text=True, check=False
    )
    if tracked.returncode:
        pytest.skip("this is not a git checkout")
    assert [name for name in tracked.stdout.splitlines() if not (installed / name).is_file()] == []


def test_installed_without_a_checkout_the_shipped_models_read(installed: Path, tmp_path: Path):
    def printed(*arguments: str) -> list[dict[str, object]]:
        done = subprocess.run(
            [sys.executable, "-m", "emnist_core", *arguments, "--json"],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(installed)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        rows: list[dict[str, object]] = json.loads(done.stdout)
        return rows

    assert {row["name"] for row in printed("runs")} == {path.name for path in paths.SHIPPED_RUNS.iterdir()}
    assert printed("ensemble", "lenet5", "--dataset-kind", "sample")[0]["n"] == 1880
