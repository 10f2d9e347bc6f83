"""The EMNIST laboratory: ``streamlit run app.py``."""

import gc
import os
import socket
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil
import streamlit as st

from emnist_core import hosting
from widgets import navigation

LANDING = 3.0  # seconds that the first visitor's landing page has to itself
BETWEEN_LOOKS = 2.0  # seconds between looks at what waits to be trained


def show() -> None:
    """Show the page that was asked for."""
    st.set_page_config(page_icon=Path(__file__).with_name("widgets") / "icon.png", layout="wide")
    navigation.current_page().run()


def warm_up() -> None:
    """Import what the landing page needs and open its data, so that the first visitor need not wait for it."""
    from emnist_core import data, runs
    from emnist_core.errors import EmnistError
    from emnist_core.serving import recognizer  # noqa: F401
    from widgets import page  # noqa: F401
    from widgets.parts import tiles  # noqa: F401

    with suppress(EmnistError):  # the page says it
        data.load("balanced", "test")
        runs.servable_runs()


def warm_up_tables() -> None:
    """Import what tables and charts are made with, which every page but the landing page needs; then set it aside."""
    import pandas  # noqa: F401

    from emnist_core import charts  # noqa: F401

    set_libraries_aside()


def set_libraries_aside() -> None:
    """Have the garbage collector look at what visitors make and not, each time, at the libraries as well.

    With them a full collection takes 160 ms with the interpreter held, after which thirty visitors queue. Streamlit's
    own, after every run of a script, is off in the configuration; Python's come when there is enough to collect.
    """
    gc.collect()
    gc.freeze()


def tend_trainings() -> None:
    """Start what waits for its turn, and take up what a worker that died left, for as long as the server runs."""
    time.sleep(LANDING)
    from emnist_core.errors import EmnistError
    from emnist_core.training import queue

    while True:
        with suppress(EmnistError, OSError):  # the page says what stands in the way
            queue.tend()
        time.sleep(BETWEEN_LOOKS)


def send_at_once() -> None:
    """Have the server's answers leave without waiting for the browser to confirm what was sent before.

    Streamlit binds its socket in a way that asyncio does not take for TCP's, so that Nagle's algorithm stays on, and
    every file, sent as a head and a body, waits for 40 ms on Linux (uvicorn has the same in its issue 3149). What a
    listening socket is set to holds for each of its connections. Where a process may not list its own sockets, as on
    Windows, everything stays as it was.
    """
    with suppress(psutil.Error, OSError, RuntimeError):
        for connection in psutil.Process().net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.fd >= 0:
                with socket.socket(fileno=os.dup(connection.fd)) as listening:
                    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


@asynccontextmanager
async def while_serving(_app: st.App) -> AsyncIterator[None]:
    """Warm up beside the server, which answers at once: the visitor's browser takes its time as well."""
    send_at_once()
    threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
    if hosting.refusal("train") is None:
        threading.Thread(target=tend_trainings, name="trainings", daemon=True).start()
    later = threading.Timer(LANDING, warm_up_tables)
    later.daemon = True
    later.start()
    yield


if __name__ == "__main__":  # a visitor's run of this script
    show()
else:  # imported once, by ``streamlit run``
    from starlette.middleware import Middleware

    from widgets import reader_files
    from widgets.early_scripts import EarlyScripts

    app = st.App(__file__, lifespan=while_serving, middleware=[Middleware(EarlyScripts)], routes=[reader_files.route()])
