"""What the server does beside showing pages."""

import runpy
import socket
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
