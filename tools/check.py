"""Run what must be green before a change goes in: lint, format, types, tests. Stops at the first that fails."""

import subprocess
import sys
from pathlib import Path

CHECKS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("pytest",),
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
