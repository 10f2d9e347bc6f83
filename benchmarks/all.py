"""Run the benchmarks and put what they print into ``docs/benchmarks.md``.

``python -m benchmarks.all`` runs all, ``python -m benchmarks.all serving memory`` these two. What stands on the page
between ``<!-- NAME -->`` and ``<!-- /NAME -->`` is replaced; the words around it are a person's.
"""

import re
import subprocess
import sys

from benchmarks.report import PROJECT

PAGE = PROJECT / "docs/benchmarks.md"


def renew(name: str) -> None:
    """Run one benchmark and put its output between its marks."""
    print(f"$ python benchmarks/{name}.py", flush=True)
    command = [sys.executable, "-m", f"benchmarks.{name}"]
    printed = subprocess.run(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True).stdout
    print(printed, flush=True)
    marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(marks.sub(lambda found: f"{found[1]}\n{printed}\n{found[2]}", text), encoding="utf-8")


if __name__ == "__main__":
    on_the_page = re.findall(r"<!-- (\w+) -->", PAGE.read_text(encoding="utf-8"))
    for name in sys.argv[1:] or on_the_page:
        if name not in on_the_page:
            sys.exit(f"There is no benchmark called {name} on the page; choose of {', '.join(on_the_page)}.")
        renew(name)
