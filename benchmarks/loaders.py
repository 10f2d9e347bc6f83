"""Loaders of EMNIST side by side: ``EMNIST_HOME=… python -m benchmarks.loaders [--python PATH]``.

Makes NIST's ``gzip.zip`` from the Balanced rows in the cache (both parts; without them from the bundled sample) in a
temporary folder, and has every loader read both parts from it: this project's, torchvision's, that of
tensorflow-datasets, ``emnist``'s and ``python-mnist``'s. Each load is a process of its own.

* First load: from the archive to arrays, with whatever the loader keeps for later. No network: the archive lies
  where the loader would have downloaded it, and tensorflow-datasets gets it from a server on this machine.
* Second load: again in a new process, to arrays. This project maps its arrays and reads them when they are used,
  so there is a column with every pixel summed, too.

Times are without imports; peak memory is the process's (VmHWM), imports and mapped files included.
"""

import argparse
import gzip
import json
import os
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.report import PROJECT, machine, table
from emnist_core import data
from emnist_core.data import Dataset
from emnist_core.errors import DataError
from emnist_core.splits import PARTS

SPLIT = "balanced"
SECOND = 3

PREPARE = """
import json, os, shutil, sys, time
from pathlib import Path
import numpy as np
place, zip_path, url, first, counts = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4] == "first", sys.argv[5]
"""
FINISH = """
begun = time.perf_counter()
parts = load()
loaded = time.perf_counter() - begun
total = sum(int(np.asarray(images).sum(dtype=np.int64)) for images, labels in parts)
read = time.perf_counter() - begun
peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1e3
print(json.dumps([loaded, read, peak, sum(len(labels) for images, labels in parts), total]))
"""

# What each loader does, with a function ``load`` that returns images and labels of both parts.
LOADERS = {
    "this project": """
from emnist_core import data
from emnist_core.data import fetching
def load():
    if first:
        data.fetch("balanced", Path(zip_path))
    loaded = [data.load("balanced", part, "emnist") for part in ("train", "test")]
    return [(one.images, one.labels) for one in loaded]
""",
    "torchvision": """
from torchvision.datasets import EMNIST
EMNIST.md5 = None  # the archive is not NIST's own
raw = Path(place) / "EMNIST" / "raw"
if first:
    raw.mkdir(parents=True)
    os.link(zip_path, raw / "gzip.zip")
def load():
    loaded = [EMNIST(place, "balanced", train=train, download=first) for train in (True, False)]
    return [(one.data.numpy(), one.targets.numpy()) for one in loaded]
""",
    "tensorflow-datasets": """
import tensorflow_datasets as tfds
from tensorflow_datasets.image_classification.mnist import EMNIST
tfds.display_progress_bar(False)
EMNIST.URL = url
for config in EMNIST.BUILDER_CONFIGS:
    config.train_examples, config.test_examples = map(int, counts.split(","))
def load():
    builder = tfds.builder("emnist/balanced", data_dir=place)
    if first:
        builder.download_and_prepare(download_config=tfds.download.DownloadConfig(force_checksums_validation=False))
    loaded = tfds.as_numpy(builder.as_dataset(split=["train", "test"], batch_size=-1))
    return [(one["image"], one["label"]) for one in loaded]
""",
    "emnist": """
import emnist
kept = Path(emnist.get_cached_data_path())  # HOME is the temporary folder
if first:
    kept.parent.mkdir(parents=True)
    os.link(zip_path, kept)
def load():
    return [emnist.extract_training_samples("balanced"), emnist.extract_test_samples("balanced")]
""",
    "python-mnist": """
from mnist import MNIST
def load():
    reader = MNIST(str(Path(zip_path).parent / "gzip"), return_type="numpy")
    reader.select_emnist("balanced")
    return [reader.load_training(), reader.load_testing()]
""",
}
PACKAGES = {
    "torchvision": "torch torchvision",
    "tensorflow-datasets": "tensorflow-datasets tensorflow importlib_resources",
    "emnist": "emnist 'numpy<2.4'",
    "python-mnist": "python-mnist",
}


def rows() -> list[Dataset]:
    """Both parts of the rows that everybody loads."""
    try:
        return [data.load(SPLIT, part, "emnist") for part in PARTS]
    except DataError:
        return [data.load(SPLIT, part, "sample") for part in PARTS]


def write_archive(folder: Path, parts: list[Dataset]) -> Path:
    """Write NIST's ``gzip.zip``, and its files beside it for who cannot read the archive."""
    unpacked = folder / "gzip"
    unpacked.mkdir()
    for part in parts:
        stem = f"emnist-{SPLIT}-{part.part}"
        images = struct.pack(">4I", 2051, len(part), 28, 28) + part.images.transpose(0, 2, 1).tobytes()
        labels = struct.pack(">2I", 2049, len(part)) + part.labels.astype("u1").tobytes()
        for kind, content in (("images-idx3", images), ("labels-idx1", labels)):
            (unpacked / f"{stem}-{kind}-ubyte.gz").write_bytes(gzip.compress(content, 6))
    path = folder / "gzip.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(unpacked.iterdir()):
            archive.write(file, f"gzip/{file.name}")
    return path


def load(name: str, python: str, when: str, place: Path, archive: Path, url: str, counts: str) -> list[float] | str:
    """Load once in a process of its own: seconds, seconds with all pixels read, MB, images; or what went wrong."""
    interpreter = sys.executable if name == "this project" else python
    environment = os.environ | {"HOME": str(place), "EMNIST_HOME": str(place), "TF_CPP_MIN_LOG_LEVEL": "3"}
    if name == "this project":
        environment["PYTHONPATH"] = str(PROJECT)
    program = PREPARE + LOADERS[name] + FINISH
    done = subprocess.run(
        [interpreter, "-W", "ignore", "-c", program, str(place), str(archive), url, when, counts],
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode == 0:
        found: list[float] = json.loads(done.stdout.splitlines()[-1])
        return found
    last = done.stderr.strip().splitlines()[-1]
    if "ModuleNotFoundError" in last and name in PACKAGES:
        return f"not installed: `pip install {PACKAGES[name]}`, and name its interpreter with `--python`"
    return last


def measured(name: str, python: str, folder: Path, archive: Path, url: str, parts: list[Dataset]) -> list[str]:
    """The table's row of one loader."""
    place = folder / name.replace(" ", "-")
    place.mkdir()
    counts = ",".join(str(len(part)) for part in parts)
    loads = [load(name, python, "first", place, archive, url, counts)]
    while len(loads) <= SECOND and not isinstance(loads[-1], str):
        loads.append(load(name, python, "second", place, archive, url, counts))
    shutil.rmtree(place)
    failed = [one for one in loads if isinstance(one, str)]
    if failed:
        return [name, failed[0], "", "", "", ""]
    first, *second = (one for one in loads if not isinstance(one, str))
    expected = [sum(map(len, parts)), sum(int(part.images.sum(dtype="i8")) for part in parts)]
    if any(one[3:] != expected for one in (first, *second)):
        return [name, "it loaded other images than the archive has", "", "", "", ""]
    loaded, read, peak = (statistics.median(column) for column in list(zip(*second, strict=True))[:3])
    return [name, f"{first[0]:.2f}", f"{first[2]:,.0f}", f"{loaded:.3f}", f"{read:.3f}", f"{peak:,.0f}"]


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and says nothing."""

    def log_message(self, *_: object) -> None:
        """Keep what was asked for to itself."""


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--python", default=sys.executable, help="the interpreter that has the other loaders")
    chosen = arguments.parse_args()
    parts = rows()
    with tempfile.TemporaryDirectory(prefix="emnist-loaders-") as temporary:
        folder = Path(temporary)
        archive = write_archive(folder, parts)
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=temporary))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/gzip.zip"
        printed = [measured(name, chosen.python, folder, archive, url, parts) for name in LOADERS]
        size = archive.stat().st_size / 1e6
        server.shutdown()
    count = sum(map(len, parts))
    print(f"{count:,} images: {parts[0].name}, and the test part; archive of {size:.1f} MB.\n")
    head = ("loader", "first load, s", "peak, MB", "second load, s", "… all pixels read, s", "peak, MB")
    print(table(head, printed))
    print(f"\nFirst load n = 1, second load the median of n = {SECOND}; every loader gave the same images.\n")
    print(machine("numpy"))
    print(others(chosen.python))


def others(python: str) -> str:
    """The versions of the other loaders."""
    look = (
        "import importlib.metadata as m\n"
        "for n in ('torchvision', 'tensorflow-datasets', 'emnist', 'python-mnist'):\n"
        "    try: print(n, m.version(n))\n"
        "    except m.PackageNotFoundError: pass"
    )
    done = subprocess.run([python, "-c", look], capture_output=True, text=True, check=False)
    return ", ".join(done.stdout.split("\n")).strip(", ")


if __name__ == "__main__":
    main()
