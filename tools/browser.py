"""The real app, a window on it, and how to wait for what it shows."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from playwright.sync_api import ConsoleMessage, Page, expect

from emnist_core import paths
from emnist_core.errors import RunError
from emnist_core.runs import Run

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
HOW_TO_GET_ONE = "No Chromium for the browser tests: `apt-get install chromium` (Debian), or name one in CHROMIUM."
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 60
"""Seconds after which what a page owes is given up; a machine that also trains is slow."""
Stroke = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class App:
    """A running app: its address and its ``EMNIST_HOME``."""

    url: str
    home: Path

    @property
    def port(self) -> int:
        """The port it listens to."""
        return int(urlsplit(self.url).port or 0)


@contextmanager
def serve(home: Path, base: str = "") -> Iterator[App]:
    """Run the app as a person does, below the path ``base``, until the block ends, and with it the app's trainings."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = App(f"http://localhost:{port}{base}", home)
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [*streamlit_run(port), "--server.baseUrlPath", base],
            cwd=paths.PROJECT,
            env=os.environ | {"EMNIST_HOME": str(home), "EMNIST_KEEP_WARM": "0"},
            stdout=log,
            stderr=log,
        )
    try:
        wait_until(lambda: _is_healthy(app, server), "the server answers")
        yield app
    finally:
        _end_trainings(home)
        server.send_signal(signal.SIGINT)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()


def streamlit_run(port: int) -> list[str]:
    """The command that serves the app on ``port``."""
    options = {"server.port": port, "server.headless": "true", "server.fileWatcherType": "none"}
    flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    return [sys.executable, "-m", "streamlit", "run", "app.py", *flags]


def _is_healthy(app: App, server: subprocess.Popen[bytes]) -> bool:
    assert server.poll() is None, (app.home / "server.log").read_text()
    try:
        return bool(urllib.request.urlopen(f"{app.url}/_stcore/health", timeout=5).status == 200)
    except OSError:
        return False


def _end_trainings(home: Path) -> None:
    for recipe in (home / "runs").glob("*/recipe.json"):
        with suppress(RunError, psutil.NoSuchProcess):
            status = Run(recipe.parent).status()
            if status.is_active and status.pid:
                psutil.Process(status.pid).kill()


def wait_until(condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> float:
    """Wait for ``condition``; returns the seconds that it took."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() < begun + seconds, f"waited {seconds} s in vain until {what}"
        time.sleep(0.05)
    return time.monotonic() - begun


@dataclass
class Visitor:
    """A browser window on the app, and what went wrong in it."""

    app: App
    page: Page
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE * 1000)
        self.page.on("console", self._complain)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _complain(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        # Streamlit tries a page's address for its own before it takes the one above; the icon comes from the net.
        address = message.location["url"]
        if "/_stcore/" not in address and "fonts.gstatic.com" not in address:
            self.complaints.append(f"{message.text} {address}")

    def open(self, path: str = "") -> Page:
        """Open a page of the app and let it settle."""
        self.page.goto(f"{self.app.url}/{path}")
        self.page.locator("h1").wait_for()
        self.settle()
        return self.page

    def settle(self) -> None:
        """Wait until the script has run to its end and everything is drawn."""
        self.page.locator('[data-testid=stApp][data-test-script-state="notRunning"]').wait_for()
        for passing in ("stStatusWidget", "stSkeleton"):
            expect(self.page.get_by_test_id(passing)).to_have_count(0, timeout=PATIENCE * 1000)

    def assert_sound(self) -> None:
        """No exception on the page, and none in its console."""
        assert self.page.get_by_test_id("stException").count() == 0
        assert self.complaints == []


def draw(page: Page, strokes: list[Stroke]) -> None:
    """Draw with the mouse; the coordinates are the canvas's own."""
    canvas = page.locator("canvas").last
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    for (x, y), *rest in strokes:
        page.mouse.move(box["x"] + x, box["y"] + y)
        page.mouse.down()
        for x, y in rest:
            page.mouse.move(box["x"] + x, box["y"] + y, steps=6)
        page.mouse.up()
