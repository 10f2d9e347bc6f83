"""A Chromium that nobody watches, for timing a first visit.

Playwright has every request of a page told to two processes of its own, which on two cores costs a page of a hundred
files some tenths of a second. Here the page times itself, and is asked for what it found once it is over.
"""

import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from benchmarks.browsing import ARGUMENTS, PATIENCE

STARTED = 1.5  # seconds until a new browser has done with itself


class Tab:
    """The one tab of a browser, told what to do over its DevTools protocol."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection, self.asked = connection, 0

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol and wait for its result."""
        self.asked += 1
        self.connection.send(json.dumps({"id": self.asked, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.connection.recv(timeout=PATIENCE))
            if answer.get("id") == self.asked:
                return dict(answer["result"])

    def time(self, address: str, script: str, found: str, wait: float) -> Any:
        """Open a page with ``script`` in it; what ``found``, an expression, is worth ``wait`` seconds later."""
        self.ask("Page.enable")
        name = self.ask("Page.addScriptToEvaluateOnNewDocument", source=script)["identifier"]
        self.ask("Page.navigate", url=address)
        time.sleep(wait)
        self.ask("Page.removeScriptToEvaluateOnNewDocument", identifier=name)
        self.ask("Page.disable")
        result = self.ask("Runtime.evaluate", expression=found, returnByValue=True)["result"]
        if "value" not in result:
            raise SystemExit(f"{address} took more than {wait:g} s; run this again on a machine that is idle.")
        return result["value"]


@contextmanager
def new_browser(width: int = 1440, height: int = 1000) -> Iterator[Tab]:
    """A newly started Chromium of the machine, with empty caches and one empty tab; ends it afterwards."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        raise SystemExit("No Chromium: `apt-get install chromium` (Debian).")
    with tempfile.TemporaryDirectory(prefix="emnist-chromium-", ignore_cleanup_errors=True) as profile:
        own = ["--headless", "--remote-debugging-port=0", f"--user-data-dir={profile}", "--no-first-run"]
        command = [program, *ARGUMENTS, *own, f"--window-size={width},{height}", "about:blank"]
        browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with connect(_address(Path(profile)), max_size=None) as connection:
                time.sleep(STARTED)
                yield Tab(connection)
        finally:
            browser.terminate()
            browser.wait()


def _address(profile: Path) -> str:
    """Where the tab of the browser listens."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            port = (profile / "DevToolsActivePort").read_text().split()[0]
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json") as answer:
                tabs = json.load(answer)
            return str(next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page"))
        except (OSError, IndexError, StopIteration):
            time.sleep(0.05)
    raise RuntimeError("Chromium did not come up.")
