"""What takes long is computed in a process of its own, once, and kept on disk.

A job is known by what it computes and from which data, so it has one place on disk: the kept arrays when
it is done, beside them ``.busy`` while a process works on it and ``.error`` with a sentence when it could
not. Page and process share nothing else; leaving the page does not end it, and coming back finds it.
"""

import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import pandas as pd
import psutil

from emnist_core import data, files, paths
from emnist_core.errors import DataError
from emnist_core.explore import result_cache
from emnist_core.splits import Part

Kind = Literal["pca", "tsne", "umap", "outliers", "duplicates"]
State = Literal["absent", "running", "ready", "failed"]


@dataclass(frozen=True)
class Job:
    """One computation on one dataset.

    Attributes:
        kind: a map (``"pca"``, ``"tsne"``, ``"umap"``), ``"outliers"``, or ``"duplicates"``, which looks for the
            test part's images in the training part of the same split.
        split, part, dataset_kind: the data, as in ``data.load``.
        sha256: the data's hash; of both parts' where both are read.
        most: images on a map, otherwise 0.
    """

    kind: Kind
    split: str
    part: Part
    dataset_kind: data.DatasetKind
    sha256: str
    most: int = 0

    @property
    def result(self) -> Path:
        """The file of the kept arrays."""
        return result_cache.file(self.sha256, f"{self.kind}-{self.most}" if self.most else self.kind)

    @property
    def _busy(self) -> Path:
        return self.result.with_suffix(".busy")

    @property
    def _error(self) -> Path:
        return self.result.with_suffix(".error")

    def frame(self) -> pd.DataFrame | None:
        """What was computed; None when it is not there."""
        arrays = result_cache.read(self.result)
        return None if arrays is None else pd.DataFrame(arrays)

    def state(self) -> State:
        """Where the job stands."""
        if self.result.exists():
            return "ready"
        if self.error() is not None:
            return "failed"
        return "running" if self._worker() else "absent"

    def error(self) -> str | None:
        """Why it could not be computed, in a sentence."""
        with suppress(OSError, UnicodeDecodeError):
            return self._error.read_text(encoding="utf-8")
        return None

    def seconds(self) -> float:
        """How long the process has been at work."""
        worker = self._worker()
        return time.time() - worker.create_time() if worker else 0.0

    def start(self) -> None:
        """Begin, unless it is done or under way; raises ``DataError`` when nothing can be written."""
        if self.state() == "running" or self.frame() is not None:
            return
        try:
            self.result.parent.mkdir(parents=True, exist_ok=True)
            self._error.unlink(missing_ok=True)
            self.result.unlink(missing_ok=True)
            child = self._spawn()
            files.write_json(self._busy, {"pid": child.pid, "started": psutil.Process(child.pid).create_time()})
        except psutil.NoSuchProcess:
            return  # it has ended already; its result or its error is there
        except OSError as error:
            raise DataError(
                f"{self.result.parent} cannot be written ({error.strerror or error}); "
                "make room, or name another folder in EMNIST_HOME."
            ) from error

    def cancel(self) -> None:
        """End the process, if there is one."""
        worker = self._worker()
        if worker is not None:
            with suppress(psutil.NoSuchProcess):
                worker.kill()
                worker.wait(5)
        self._busy.unlink(missing_ok=True)

    def finish(self, frame: pd.DataFrame) -> None:
        """Keep what was computed; for the process that computed it."""
        result_cache.write(self.result, result_cache.frame_to_arrays(frame))
        self._busy.unlink(missing_ok=True)

    def fail(self, sentence: str) -> None:
        """Say why nothing was computed; for the process that could not."""
        with files.write_atomically(self._error) as temporary:
            temporary.write_text(sentence, encoding="utf-8")

    def _spawn(self) -> subprocess.Popen[bytes]:
        home = str(paths.home().absolute())  # the process works in another folder
        return subprocess.Popen(
            [sys.executable, "-m", "emnist_core.explore.worker", json.dumps(asdict(self))],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=paths.PROJECT,
            env=os.environ | {"EMNIST_HOME": home} | _threads(),
            start_new_session=True,
        )

    def _worker(self) -> psutil.Process | None:
        """The process at work, if it is alive."""
        try:
            note = files.read_json(self._busy)
            process = psutil.Process(int(note["pid"]))
            if abs(process.create_time() - note["started"]) < 2 and process.status() != psutil.STATUS_ZOMBIE:
                return process
        except (OSError, ValueError, KeyError, TypeError, psutil.Error):
            pass
        return None


def _threads() -> dict[str, str]:
    """One core stays free for the page; threads that wait sleep, for on a busy machine they would only spin."""
    count = str(max(1, (os.cpu_count() or 2) - 1))
    return {"OMP_NUM_THREADS": count, "OPENBLAS_NUM_THREADS": count, "OMP_WAIT_POLICY": "PASSIVE"}
