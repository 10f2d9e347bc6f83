"""Bytes over HTTP that survive a bad network: any range of a file, resumed where it broke off.

What comes is appended to a file, so a fetch that was killed goes on at the byte where it stopped. That the
bytes still belong together is what ``If-Range`` with the server's own tag is for, and the checksum of the
zip or gzip file around them in the end.
"""

import hashlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import requests
import urllib3

from emnist_core.data.progress import Meter

USER_AGENT = "Mozilla/5.0 (compatible; emnist-lab)"
"""NIST answers 403 to the name that Python's own libraries give themselves."""

TIMEOUT = (10.0, 30.0)
"""Seconds to wait for a connection, and for the next byte."""

TRIES = 4
"""Times in a row that a request may bring nothing before it is given up."""

PAUSE = 0.5
"""Seconds before the second try; each further one waits twice as long."""

SLOWEST = 1000
WINDOW = 15.0
"""The fewest bytes a second that a server may send, on average over so many seconds, before it is asked again."""

HEADERS = 30.0
"""Seconds until an answer has to have begun, however busily its first lines trickle in."""

CHUNK = 64 * 1024
BUSY = {429, 500, 502, 503, 504}
NO_RANGES = {400, 405, 416, 501}
LARGEST_DOWNLOAD = 2 << 30
LARGEST_PIECE = 16 << 20


class Reason(Enum):
    """Why a source cannot be had; the value is how a sentence goes on after the server's name."""

    ANSWER = "answered {detail}"
    TIMEOUT = "did not answer in time"
    SLOW = "sends less than {detail} a second"
    CERTIFICATE = "could not be trusted (its certificate does not verify)"
    REFUSED = "could not be reached (connection refused)"
    NO_HOST = "could not be found (no such host, or no network)"
    PROXY = "could not be asked, because the proxy on the way to it does not let us through"
    CUT = "broke off the connection again and again"
    CUT_SHORT = "broke off the connection again and again ({detail} came)"
    CIRCLE = "redirects in a circle"
    ADDRESS = "is not an address; give one that begins with http:// or https://"
    NO_RANGES = "does not send parts of a file, or the file changed meanwhile"
    OTHER_BYTES = "sends other bytes than were asked for"
    TOO_MUCH = "sends more than was asked for"
    TOO_LARGE = "has a file of {detail} there, more than EMNIST has"
    UNUSABLE = "{detail}"


class Unavailable(Exception):  # noqa: N818 - not an error by itself: the next source is offered
    """A source that cannot be had now; ``str()`` says why, to stand in the middle of a sentence.

    Attributes:
        reason: what went wrong, for whoever has to decide by it.
    """

    def __init__(self, reason: Reason, who: str = "", detail: str = "") -> None:
        super().__init__(f"{who} {reason.value.format(detail=detail)}".strip())
        self.reason = reason


class _TryAgain(Exception):  # noqa: N818 - another try may do
    """An answer that another try may better."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail


_BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, ConnectionError, TimeoutError, _TryAgain)
"""A full disk is none of these: trying again does not make room."""

_REASONS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], Reason], ...] = (
    ((requests.exceptions.ProxyError, urllib3.exceptions.ProxyError), Reason.PROXY),
    ((requests.exceptions.SSLError, urllib3.exceptions.SSLError, ssl.SSLError), Reason.CERTIFICATE),
    (ConnectionRefusedError, Reason.REFUSED),
    (socket.gaierror, Reason.NO_HOST),
    ((requests.Timeout, urllib3.exceptions.TimeoutError, TimeoutError), Reason.TIMEOUT),
)
"""What an error or one of its causes is, the most telling first: to urllib3 a refused connection is a timeout too."""


@dataclass(frozen=True)
class Extent:
    """What a server says of a file: its size in bytes (None: unknown) and its tag, which changes with its content."""

    size: int | None = None
    tag: str | None = None

    @property
    def state(self) -> str:
        """Some letters that are others when the file is another."""
        return hashlib.sha256(f"{self.size} {self.tag}".encode()).hexdigest()[:8]


class RangesRefused(Unavailable):
    """A server that gives a file whole or not at all; ``extent`` is what it said of the whole."""

    def __init__(self, url: str, extent: Extent | None = None) -> None:
        super().__init__(Reason.NO_RANGES, _host(url))
        self.extent = extent or Extent()


class Web:
    """One conversation with servers, counted by a meter."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter
        self._session = requests.Session()
        self._session.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": "identity"})

    def bytes(self, url: str, asked: str | None = None, tag: str | None = None) -> tuple[bytes, int, Extent]:
        """A small piece of a file, or a small file: its bytes, where they begin, and what the server says of it.

        ``asked`` is a range as ``"bytes=-64"``. Raises ``RangesRefused`` when the server sends the whole
        file for it, and ``Unavailable`` when it sends nothing.
        """
        for attempt in range(TRIES):
            try:
                with self._get(url, asked, tag) as response:
                    if asked and response.status_code != HTTPStatus.PARTIAL_CONTENT:
                        raise RangesRefused(url, _extent(response))
                    content = bytearray()
                    for chunk in _chunks(response):
                        self.meter.received(len(chunk))
                        content += chunk
                        if len(content) > LARGEST_PIECE:
                            raise Unavailable(Reason.TOO_MUCH, _host(url))
                    declared = response.headers.get("Content-Length", "")
                    if declared.isdecimal() and len(content) < int(declared):
                        raise _TryAgain(Reason.CUT_SHORT, f"{len(content):,} of {int(declared):,} bytes")
                    return bytes(content), _first_byte(response) or 0, _extent(response)
            except _BROKEN as error:
                self._wait(url, attempt, error)
        raise AssertionError("the last try returns or raises")

    def download(self, url: str, file: Path, first: int = 0, size: int | None = None, tag: str | None = None) -> None:
        """Fill ``file`` with ``size`` bytes of ``url`` from byte ``first`` on, where it broke off before.

        Without ``size`` it is the whole file. Raises ``RangesRefused`` when the server sends no parts and
        parts are what is needed, and ``Unavailable`` when it stops sending, or the file changed.
        """
        file.parent.mkdir(parents=True, exist_ok=True)
        most = have = file.stat().st_size if file.exists() else 0
        self.meter.resumed(have)
        attempt = 0
        while size is None or have < size:
            try:
                whole = self._append(url, file, first, size, tag)
                size = whole if size is None else size
                if size is None or file.stat().st_size >= size:
                    return
                raise _TryAgain(Reason.CUT_SHORT, f"{file.stat().st_size:,} of {size:,} bytes")
            except _BROKEN as error:
                have = file.stat().st_size if file.exists() else 0
                slow = isinstance(error, _TryAgain) and error.reason is Reason.SLOW
                attempt = 0 if have > most and not slow else attempt + 1
                most = max(most, have)
                if attempt:
                    self._wait(url, attempt - 1, error)

    def _append(self, url: str, file: Path, first: int, size: int | None, tag: str | None) -> int | None:
        """Take what one request brings; returns the size of the whole that the server tells of."""
        have = file.stat().st_size if file.exists() else 0
        partly = first > 0 or size is not None
        asked = f"bytes={first + have}-{'' if size is None else first + size - 1}" if partly or have else None
        try:
            response = self._get(url, asked, tag)
        except RangesRefused:
            if partly:
                raise
            response = self._get(url, None, None)
        with response:
            part = response.status_code == HTTPStatus.PARTIAL_CONTENT
            if part and _first_byte(response) != first + have:
                raise Unavailable(Reason.OTHER_BYTES, _host(url))
            if partly and not part:
                raise RangesRefused(url, _extent(response))
            if have and not part:  # it comes from its beginning again
                file.unlink()
                self.meter.resumed(-have)
                have = 0
            whole = _extent(response).size
            end = size or whole or LARGEST_DOWNLOAD
            if end > LARGEST_DOWNLOAD:
                raise Unavailable(Reason.TOO_LARGE, _host(url), f"{end / 1e9:,.1f} GB")
            self._save(response, file, end - have)
            return whole

    def _save(self, response: requests.Response, file: Path, left: int) -> None:
        """Append what comes to ``file``, ``left`` bytes at most."""
        with file.open("ab") as out:
            for chunk in _chunks(response):
                out.write(chunk[:left])
                self.meter.received(len(chunk))
                left -= len(chunk)
                if left < 0:
                    raise Unavailable(Reason.TOO_MUCH, _host(response.url))

    def _get(self, url: str, asked: str | None, tag: str | None) -> requests.Response:
        """One request; raises ``Unavailable`` for an answer that another try will not better."""
        self.meter.check()
        headers = {"Range": asked} if asked else {}
        if asked and tag and not tag.startswith("W/"):
            headers["If-Range"] = tag
        try:
            response = self._within(
                HEADERS, lambda: self._session.get(url, headers=headers, stream=True, timeout=TIMEOUT)
            )
        except requests.TooManyRedirects:
            raise Unavailable(Reason.CIRCLE, _host(url)) from None
        except (requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL, requests.exceptions.MissingSchema):
            raise Unavailable(Reason.ADDRESS, url) from None
        status = response.status_code
        if status in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
            return response
        response.close()
        if asked and status in NO_RANGES:
            raise RangesRefused(url)
        if status in BUSY:
            raise _TryAgain(Reason.ANSWER, _words(status))
        raise Unavailable(Reason.ANSWER, _host(url), f"{_words(status)} for {urlsplit(url).path or '/'}")

    def _within(self, seconds: float, ask: Callable[[], requests.Response]) -> requests.Response:
        """What ``ask`` returns or raises, if it does so in time; its own limit is on the wait for each byte."""
        answers: list[requests.Response | Exception] = []

        def run() -> None:
            try:
                answers.append(ask())
            except Exception as error:
                answers.append(error)

        thread = threading.Thread(target=run, name="fetch-answer", daemon=True)
        thread.start()
        end = time.monotonic() + seconds
        while thread.is_alive() and time.monotonic() < end:
            self.meter.check()
            thread.join(0.1)
        if not answers:
            raise _TryAgain(Reason.TIMEOUT)
        if isinstance(answers[0], Exception):
            raise answers[0]
        return answers[0]

    def _wait(self, url: str, attempt: int, error: Exception) -> None:
        """Pause before the next try; raises ``Unavailable`` when this was the last."""
        if attempt >= TRIES - 1:
            reason, detail = _why(error)
            raise Unavailable(reason, _host(url), detail) from error
        end = time.monotonic() + PAUSE * 2**attempt
        while (left := end - time.monotonic()) > 0:
            self.meter.check()
            time.sleep(min(left, 0.1))


def _chunks(response: requests.Response) -> Iterator[bytes]:
    """What comes, as it comes and as it was sent: some servers declare a .gz file to be a compressed text.

    Raises ``_TryAgain`` when it comes too slowly.
    """
    came, since = 0, None
    while chunk := response.raw.read1(CHUNK, decode_content=False):
        yield chunk
        now = time.monotonic()
        since = now if since is None else since
        came += len(chunk)
        if now - since >= WINDOW:
            if came < SLOWEST * WINDOW:
                raise _TryAgain(Reason.SLOW, f"{SLOWEST:,} bytes")
            came, since = 0, now


def _extent(response: requests.Response) -> Extent:
    size = response.headers.get("Content-Length")
    if response.status_code == HTTPStatus.PARTIAL_CONTENT:
        size = response.headers.get("Content-Range", "").rpartition("/")[2]
    tag = response.headers.get("ETag") or response.headers.get("Last-Modified")
    return Extent(int(size) if size and size.isdecimal() else None, tag)


def _first_byte(response: requests.Response) -> int | None:
    with suppress(ValueError):
        return int(response.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0])
    return None


def _host(url: str) -> str:
    return urlsplit(url).netloc or url


def _words(status: int) -> str:
    try:
        return f"{status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return str(status)


def _why(error: BaseException) -> tuple[Reason, str]:
    """Why the last try failed, and what there is to add."""
    if isinstance(error, _TryAgain):
        return error.reason, error.detail
    causes = list(_causes(error))
    for kinds, reason in _REASONS:
        if any(isinstance(cause, kinds) for cause in causes):
            return reason, ""
    return Reason.CUT, ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error, what it was raised from, and what it holds: urllib3 and requests do one or the other."""
    yield error
    held = (error.__cause__ or error.__context__, getattr(error, "reason", None), *error.args)
    for cause in held:
        if isinstance(cause, BaseException) and cause is not error:
            yield from _causes(cause)
