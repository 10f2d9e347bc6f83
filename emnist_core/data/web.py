"""Bytes over HTTP that survive a bad network: any range of a file, resumed where it broke off.

What comes is appended to a file, so a fetch that was killed goes on at the byte where it stopped. That the
bytes still belong together is what ``If-Range`` with the server's own tag is for, and the checksum of the
zip or gzip file around them in the end.
"""

import hashlib
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
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

CHUNK = 64 * 1024
BUSY = {429, 500, 502, 503, 504}
NO_RANGES = {400, 405, 416, 501}
LARGEST_DOWNLOAD = 2 << 30
LARGEST_PIECE = 16 << 20

_BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, ConnectionError, TimeoutError)
"""A full disk is none of these: trying again does not make room."""


class Unavailable(Exception):  # noqa: N818 - not an error by itself: the next source is offered
    """A source that cannot be had now; ``str()`` says why, to stand in the middle of a sentence."""


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
        super().__init__(f"{_host(url)} does not send parts of a file, or the file changed meanwhile")
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
                            raise Unavailable(f"{_host(url)} sends far more than was asked for")
                    declared = response.headers.get("Content-Length", "")
                    if declared.isdecimal() and len(content) < int(declared):
                        raise requests.ConnectionError(f"{len(content):,} of {int(declared):,} bytes came")
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
                raise requests.ConnectionError(f"{file.stat().st_size:,} of {size:,} bytes came")
            except _BROKEN as error:
                have = file.stat().st_size if file.exists() else 0
                attempt = 0 if have > most else attempt + 1
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
                raise Unavailable(f"{_host(url)} sends other bytes than were asked for")
            if partly and not part:
                raise RangesRefused(url, _extent(response))
            if have and not part:  # it comes from its beginning again
                file.unlink()
                self.meter.resumed(-have)
                have = 0
            whole = _extent(response).size
            end = size or whole or LARGEST_DOWNLOAD
            if end > LARGEST_DOWNLOAD:
                raise Unavailable(f"{_host(url)} has a file of {end / 1e9:,.1f} GB there, more than EMNIST has")
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
                    raise Unavailable(f"{_host(response.url)} sends more than was asked for")

    def _get(self, url: str, asked: str | None, tag: str | None) -> requests.Response:
        """One request; raises ``Unavailable`` for an answer that another try will not better."""
        self.meter.check()
        headers = {"Range": asked} if asked else {}
        if asked and tag and not tag.startswith("W/"):
            headers["If-Range"] = tag
        try:
            response = self._session.get(url, headers=headers, stream=True, timeout=TIMEOUT)
        except requests.TooManyRedirects:
            raise Unavailable(f"{_host(url)} redirects in a circle") from None
        except (requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL, requests.exceptions.MissingSchema):
            raise Unavailable(f"{url} is not an address; give one that begins with http:// or https://") from None
        status = response.status_code
        if status in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
            return response
        response.close()
        if asked and status in NO_RANGES:
            raise RangesRefused(url)
        if status in BUSY:
            raise requests.ConnectionError(f"it answered {_words(status)}")
        raise Unavailable(f"{_host(url)} answered {_words(status)} for {urlsplit(url).path}")

    def _wait(self, url: str, attempt: int, error: Exception) -> None:
        """Pause before the next try; raises ``Unavailable`` when this was the last."""
        if attempt >= TRIES - 1:
            raise Unavailable(f"{_host(url)} {_reason(error)}") from error
        end = time.monotonic() + PAUSE * 2**attempt
        while (left := end - time.monotonic()) > 0:
            self.meter.check()
            time.sleep(min(left, 0.1))


def _chunks(response: requests.Response) -> Iterator[bytes]:
    """What comes, as it comes and as it was sent: some servers declare a .gz file to be a compressed text."""
    while chunk := response.raw.read1(CHUNK, decode_content=False):
        yield chunk


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


def _reason(error: Exception) -> str:
    """Why the last try failed, as the end of "the host …"."""
    text = str(error)
    if text.startswith("it answered"):
        return text.removeprefix("it ")
    if isinstance(error, requests.Timeout | urllib3.exceptions.ReadTimeoutError) or "timed out" in text:
        return "did not answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "could not be trusted (its certificate does not verify)"
    if text.endswith("bytes came"):
        return f"broke off the connection again and again ({text})"
    if isinstance(error, requests.ConnectionError) and "refused" in text:
        return "could not be reached (connection refused)"
    if isinstance(error, requests.ConnectionError) and ("resolve" in text or "getaddrinfo" in text):
        return "could not be found (no such host, or no network)"
    return "broke off the connection again and again"
