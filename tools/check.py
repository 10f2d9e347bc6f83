"""Run what must be green before a change goes in: lint, format, types, tests. Stops at the first that fails."""

import subprocess
import sys
from pathlib import Path

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    # A file's tests stay together: they share what it trains. Two at a time also where there are more cores, for each
    # training takes several.
    ("pytest", "-n", "2", "--dist", "loadfile"),
)


def main() -> int:
    """Run the checks with this interpreter; returns the first failing status, or 0."""
    for check in CHECKS:
        print(f"$ {' '.join(check)}", flush=True)
        status = subprocess.run([sys.executable, "-m", *check], cwd=Path(__file__).parent.parent).returncode
        if status != 0:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
