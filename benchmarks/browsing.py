"""What the benchmarks of the whole app share: a fresh server with nothing fetched, and a real Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PATIENCE = 60  # seconds


@dataclass(frozen=True)
class Server:
    """A running ``streamlit run app.py``.

    Attributes:
        address: where it answers.
        process: the server process.
        seconds: from the start of the process until its health check answered.
    """

    address: str
    process: psutil.Process
    seconds: float

    def has_mapped(self, library: str) -> bool:
        """Whether a shared library whose name contains ``library`` is in the server's memory."""
        return any(library in Path(mapped.path).name for mapped in self.process.memory_maps())


@contextmanager
def app(project: Path, home: Path | None = None) -> Iterator[Server]:
    """Run the app of ``project`` on a free port, with an empty ``EMNIST_HOME`` or ``home``; ends it afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = ["streamlit", "run", "app.py", "--server.headless", "true", "--server.port", str(port)]
    with tempfile.TemporaryDirectory() as empty:
        begun = time.perf_counter()
        server = subprocess.Popen(
            [sys.executable, "-m", *command, "--server.address", "127.0.0.1"],
            cwd=project,
            env=os.environ | {"EMNIST_HOME": str(home or empty)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for_health(address, server)
            yield Server(address, psutil.Process(server.pid), time.perf_counter() - begun)
        finally:
            server.terminate()
            server.wait()


def _wait_for_health(address: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("The server did not come up.")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A newly started Chromium with empty caches: the machine's own, otherwise Playwright's."""
    with sync_playwright() as playwright:
        found = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def settle(page: Page) -> None:
    """Wait until the page's script has run to its end and said nothing new for a second."""
    app_is_idle = '[data-testid="stApp"][data-test-script-state="notRunning"]'
    page.wait_for_selector("h1", timeout=1000 * PATIENCE)
    page.wait_for_selector(app_is_idle, timeout=1000 * PATIENCE)
    page.wait_for_timeout(1000)
    page.wait_for_selector(app_is_idle, timeout=1000 * PATIENCE)
