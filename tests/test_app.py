"""What the server does beside showing pages."""

import json
import os
import runpy
import socket
import subprocess
import sys

import pytest

from emnist_core import paths


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not list a process's sockets by number.")
def test_connections_to_a_socket_that_listens_send_at_once() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    with listening, socket.create_connection(listening.getsockname()):
        first, _ = listening.accept()
        assert not first.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        runpy.run_path(str(paths.PROJECT / "app.py"), run_name="app")["send_at_once"]()
        with socket.create_connection(listening.getsockname()):
            second, _ = listening.accept()
            assert second.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_as_shipped_no_files_are_watched_no_script_ends_in_collecting_garbage_and_no_comment_is_shown() -> None:
    """The first two held the interpreter, and queued closed sessions, while a class of visitors waited."""
    names = ["server.fileWatcherType", "runner.postScriptGC", "runner.magicEnabled"]
    program = f"import json; from streamlit.config import get_option; print(json.dumps([*map(get_option, {names})]))"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STREAMLIT_")}
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=paths.PROJECT, env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(told.stdout) == ["none", False, False]
