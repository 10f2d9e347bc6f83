"""Keep a sweep's finished rows with the project, without weights: ``python -m tools.keep_experiment FILE``.

Each row that was trained on this machine and evaluated on the test part goes to ``experiments/<sweep>/<row>/``; see
``emnist_core.sweeps.results``.
"""

import argparse
from pathlib import Path

from emnist_core.errors import RunError
from emnist_core.sweeps import results, spec

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="the sweep's TOML file")
    parser.add_argument("--row", action="append", help="only this row; may be repeated")
    given = parser.parse_args()
    chosen = spec.read(given.file)
    for row in (chosen.only(given.row) if given.row else chosen).rows:
        try:
            print(f"{row.name}: kept in {results.keep(row)}")
        except RunError as error:
            print(f"{row.name}: {error}")
