"""Servers as they are: slow, busy, elsewhere, behind a proxy; a fetch ends in the right rows or in one sentence."""

import time

import pytest

from emnist_core.data import web
from emnist_core.data.progress import FetchCancelled
from tests.helpers import server
from tests.helpers.sample_archive import (
    FILES,
    archive_of,
)
from tests.helpers.web_fetch import assert_right, fetch, leftovers, refused, refused_again

pytestmark = pytest.mark.usefixtures("no_pauses")


def test_ordinary_user_agent(nearby: server.Manners):
    nearby.agents_refused += ("emnist-nothing",)
    assert not any(word in web.USER_AGENT.lower() for word in nearby.agents_refused)
    fetch(f"{nearby.url}/gzip.zip")
    nearby.agents_refused = ("mozilla",)
    message = refused_again(f"{nearby.url}/gzip.zip")
    assert "answered 403 (Forbidden) for /gzip.zip; try again later, or take it from elsewhere" in message
    assert "`python -m emnist_core fetch balanced --source nist`" in message


def test_busy_for_a_moment(nearby: server.Manners):
    nearby.status = [503, None, 503, 429, None, 502]
    fetch(f"{nearby.url}/gzip.zip")
    assert_right()


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (403, "answered 403 (Forbidden) for /gzip.zip"),
        (404, "answered 404 (Not Found)"),
        (410, "answered 410 (Gone)"),
        (503, "answered 503 (Service Unavailable)"),
        (500, "answered 500 (Internal Server Error)"),
        (599, "answered 599"),
        (204, "answered 204"),
    ],
)
def test_answers_that_are_none(nearby: server.Manners, status: int, says: str):
    nearby.status = [status] * 20
    message = refused(f"{nearby.url}/gzip.zip")
    assert says in message
    assert "try again later, or take it from elsewhere with `python -m emnist_core fetch balanced" in message


def test_redirects(nearby: server.Manners):
    nearby.redirect = {"/old.zip": "/older.zip", "/older.zip": f"{nearby.url}/gzip.zip"}
    fetch(f"{nearby.url}/old.zip")
    assert_right()


def test_redirects_in_a_circle_and_into_nothing(nearby: server.Manners):
    nearby.redirect = {"/a.zip": "/b.zip", "/b.zip": "/a.zip", "/c.zip": "file:///etc/passwd"}
    assert "redirects in a circle" in refused(f"{nearby.url}/a.zip")
    assert "is not an address" in refused(f"{nearby.url}/c.zip")


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("wrong", [b"<html>Sign in to the network</html>" * 100, b"", b"PK\3\4" + bytes(3000)])
def test_wrong_content(nearby: server.Manners, ranges: bool, wrong: bytes):
    nearby.content["/gzip.zip"], nearby.ranges = wrong, ranges
    message = refused(f"{nearby.url}/gzip.zip")
    assert "zip archive" in message


def test_an_archive_without_the_part(nearby: server.Manners):
    nearby.content["/gzip.zip"] = archive_of({name: body for name, body in FILES.items() if "letters" in name})
    assert "has no Balanced test, but Letters" in refused(f"{nearby.url}/gzip.zip")


def test_an_archive_that_lies_about_its_files(nearby: server.Manners):
    swapped = {name.replace("labels-idx1", "x").replace("images-idx3", "labels-idx1").replace("x-u", "images-idx3-u"): b
               for name, b in FILES.items()}  # fmt: skip
    nearby.content["/gzip.zip"] = archive_of(swapped)
    assert "holds labels and not images" in refused(f"{nearby.url}/gzip.zip")
    assert leftovers() == []


def test_nobody_there_and_no_address():
    assert "could not be reached (connection refused)" in refused("http://127.0.0.1:9/gzip.zip")
    assert "begins with http:// or https://" in refused("ftp://127.0.0.1/gzip.zip")


def test_a_slow_server_is_waited_for_and_a_silent_one_is_not(nearby: server.Manners):
    nearby.pause = 0.02
    fetch(f"{nearby.url}/gzip.zip")
    assert_right()
    nearby.pause = 30
    assert "did not answer in time" in refused_again(f"{nearby.url}/gzip.zip")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "WINDOW", 0.2)
    monkeypatch.setattr(web, "HEADERS", 0.5)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("path", "seconds", "says"),
    [
        ("/files/", 0.02, "sends less than 1,000 bytes a second"),
        ("/gzip.zip", 0.02, "sends less than 1,000 bytes a second"),
        ("/files/", -0.02, "did not answer in time"),
    ],
)
def test_a_server_that_trickles(nearby: server.Manners, path: str, seconds: float, says: str):
    nearby.trickle = [seconds] * 50
    started = time.monotonic()
    assert says in refused(nearby.url + path)
    assert time.monotonic() - started < 10
    nearby.trickle = [seconds, seconds]  # the third try finds it well
    fetch(nearby.url + path)
    assert_right()


@pytest.mark.usefixtures("impatient")
def test_a_server_that_does_not_begin_to_answer_can_be_left(nearby: server.Manners, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(web, "HEADERS", 60.0)
    nearby.trickle = [-0.02]
    with pytest.raises(FetchCancelled):
        fetch(f"{nearby.url}/files/", cancelled=lambda: len(nearby.asked) > 0)


def test_a_proxy_that_refuses_is_not_the_mirrors_fault(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy", "https_proxy", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    for url in ("https://mirror.invalid/gzip.zip", "http://mirror.invalid/gzip.zip"):
        message = refused(url)
        assert "the proxy on the way to it does not let us through; set HTTPS_PROXY and HTTP_PROXY" in message
        assert "--source" not in message


def test_the_path_of_an_answer_is_named(nearby: server.Manners):
    nearby.status = [404] * 9
    assert "answered 404 (Not Found) for /; try" in refused(nearby.url)
