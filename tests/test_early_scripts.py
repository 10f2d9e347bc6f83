"""The scripts of widgets in a page's head."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.types import Message, Receive, Scope, Send

from widgets.early_scripts import PAGES, SCRIPTS, WIDGETS, EarlyScripts, scripts

PAGE = b"<html><head><title>Laboratory</title></head><body></head></body></html>"


async def streamlit(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI's shape
    """What stands for Streamlit: the page in two parts, and in words whether it may be compressed."""
    asked = b"compressed" if (b"accept-encoding", b"gzip") in scope["headers"] else b"plain"
    headers = [(b"content-length", str(len(PAGE)).encode()), (b"x-asked", asked)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": PAGE[:30], "more_body": True})
    await send({"type": "http.response.body", "body": PAGE[30:]})


def get(path: str, method: str = "GET") -> tuple[dict[bytes, bytes], bytes]:
    """The headers and the body of an answer."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    scope = {"type": "http", "method": method, "path": path, "headers": [(b"accept-encoding", b"gzip")]}
    with ThreadPoolExecutor(1) as apart:  # a browser test before this one leaves its loop running in this thread
        apart.submit(asyncio.run, EarlyScripts(streamlit)(scope, receive, send)).result()
    return dict(sent[0]["headers"]), b"".join(message["body"] for message in sent[1:])


def test_every_widget_is_found_in_this_streamlit_and_so_is_what_it_imports() -> None:
    found = scripts()
    for widget in WIDGETS:
        assert any(name.startswith(f"{widget}.") for name in found)
    assert len(found) == len(set(found)) > len(WIDGETS)
    assert all((SCRIPTS / name).is_file() for name in found)


@pytest.mark.parametrize("path", ["/confusion", "/base/pair"])
def test_a_page_names_them_once_in_its_head(path: str) -> None:
    headers, body = get(path)
    head, rest = body.split(b"</head>", 1)
    for name in scripts():
        assert head.count(f'href="./static/js/{name}"'.encode()) == 1
    assert head.startswith(b"<html><head><title>Laboratory</title><script>")
    assert rest == b"<body></head></body></html>"
    assert headers[b"content-length"] == str(len(body)).encode()
    assert headers[b"x-asked"] == b"plain"


@pytest.mark.parametrize("path", ["/", "/base/"])
def test_the_first_page_names_none_and_has_our_own_script(path: str) -> None:
    head, _ = get(path)[1].split(b"</head>", 1)
    assert b"<link" not in head
    assert head.count(b"stSidebarCollapseButton") == 1


@pytest.mark.parametrize("path", ["/static/js/index.js", "/_stcore/health", "/media/confusion.html", "/nowhere"])
def test_nothing_else_is_touched(path: str) -> None:
    headers, body = get(path)
    assert body == PAGE
    assert headers[b"x-asked"] == b"compressed"
    assert {"confusion", "explore", "train", "pair", "architecture", "experiments", "image", "runs", "sketch"} == PAGES
