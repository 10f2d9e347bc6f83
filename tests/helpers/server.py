"""A web server on this machine that misbehaves as it is told, and counts what it sends."""

import hashlib
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Manners:
    """What the server has, how it behaves, and what it was asked.

    Attributes:
        content: by path, e.g. ``"/gzip.zip"``.
        ranges: whether it sends parts; ``"explicit"`` means all but the last N bytes.
        cut: bytes after which an answer with a body of more than ``cut_from`` bytes breaks off, one for each
            of the next such answers; then it behaves.
        status: answers of the next requests instead of the content; None in it is the content.
        redirect: by path, where it is instead.
        pause: seconds before each 16 KiB.
        trickle: seconds before each byte of the next answers, one for each; then it behaves. Their first lines trickle
            too where it is below zero.
        agents_refused: words in a User-Agent that it answers 403 to, as NIST does.
        sent: bytes of bodies.
        asked: the Range headers, in order.
    """

    content: dict[str, bytes] = field(default_factory=dict)
    ranges: bool | str = True
    cut: list[int] = field(default_factory=list)
    cut_from: int = 2000
    status: list[int | None] = field(default_factory=list)
    redirect: dict[str, str] = field(default_factory=dict)
    pause: float = 0.0
    trickle: list[float] = field(default_factory=list)
    agents_refused: tuple[str, ...] = ("python", "urllib", "remotezip")
    sent: int = 0
    asked: list[str | None] = field(default_factory=list)
    url: str = ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    manners: Manners
    trickle = 0.0

    def do_GET(self) -> None:
        manners = self.manners
        manners.asked.append(self.headers.get("Range"))
        agent = self.headers.get("User-Agent", "").lower()
        self.trickle = manners.trickle.pop(0) if manners.trickle else 0.0
        if self.trickle < 0:
            self._drip(b"HTTP/1.1 200 OK\r\n" + b"X-Filler: filler\r\n" * 1000)
            return
        status = manners.status.pop(0) if manners.status else None
        if any(word in agent for word in manners.agents_refused):
            status = 403
        if status is not None:
            self._head(status, 0)
        elif self.path in manners.redirect:
            self._head(302, 0, Location=manners.redirect[self.path])
        elif self.path not in manners.content:
            self._head(404, 0)
        else:
            self._answer(manners.content[self.path])

    def _answer(self, content: bytes) -> None:
        tag = f'"{hashlib.md5(content).hexdigest()}"'
        wanted = self.headers.get("Range")
        if self.manners.ranges is False or (self.manners.ranges == "explicit" and "=-" in (wanted or "")):
            wanted = None
        if self.headers.get("If-Range", tag) != tag:
            wanted = None
        piece = byte_range(wanted, len(content))
        if piece is None:
            self._head(200, len(content), ETag=tag)
            self._send(content)
        elif not piece:
            self._head(416, 0)
        else:
            range_sent = f"bytes {piece.start}-{piece.stop - 1}/{len(content)}"
            self._head(206, len(piece), ETag=tag, **{"Content-Range": range_sent})
            self._send(content[piece.start : piece.stop])

    def _drip(self, content: bytes) -> None:
        """Send byte by byte, until whoever listens has gone."""
        self.close_connection = True
        with suppress(OSError):
            for byte in content:
                time.sleep(abs(self.trickle))
                self.wfile.write(bytes([byte]))

    def _send(self, body: bytes) -> None:
        manners = self.manners
        if self.trickle:
            self._drip(body)
            return
        end = manners.cut.pop(0) if manners.cut and len(body) > manners.cut_from else len(body)
        try:
            for begin in range(0, min(end, len(body)), 16384):
                time.sleep(manners.pause)
                piece = body[begin : min(begin + 16384, end)]
                self.wfile.write(piece)
                manners.sent += len(piece)
        except OSError:
            pass
        if end < len(body):
            self.close_connection = True

    def _head(self, status: int, length: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(length)} | headers).items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_arguments: object) -> None:
        """Say nothing of clients that were killed."""


def byte_range(header: str | None, size: int) -> range | None:
    """The bytes that a Range header asks for; None is all of them, an empty range none that there are."""
    asked = re.fullmatch(r"bytes=(\d*)-(\d*)", header or "")
    if asked is None:
        return None
    first, last = asked.groups()
    if not first:
        return range(max(0, size - int(last)), size)
    return range(int(first), min(size, int(last) + 1 if last else size))


@contextmanager
def running(content: dict[str, bytes]) -> Iterator[Manners]:
    """A server of ``content`` on a free port, until the block ends."""
    manners = Manners(dict(content))
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"manners": manners}))
    manners.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield manners
    finally:
        server.shutdown()
        server.server_close()
