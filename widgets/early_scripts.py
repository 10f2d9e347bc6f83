"""The scripts of widgets, fetched while Streamlit itself still starts.

Streamlit's browser side is in a hundred files. It asks for a widget's only once the page's script has sent the first
one, and for what these import after that: half of a first visit's time. Named in the page's head, as Streamlit's own
are there, they come along with those.

A few lines of our own stand there too: they close a phone's menu after a choice.
"""

import re
from pathlib import Path

import streamlit as st
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from widgets import assets

SCRIPTS = Path(st.__file__).parent / "static" / "static" / "js"
WIDGETS = ("Html", "Selectbox", "ButtonGroup", "Checkbox", "BidiComponent", "Button")
"""What nearly every page but the first has, in the order in which they are to come."""

PAGES = {file.stem for file in Path(__file__).parents[1].glob("pages/*.py")} - {"home"}
IMPORTED = re.compile(r"""(?:from|import)["']\./([\w.-]+\.js)["']""")


class EarlyScripts:
    """ASGI middleware that writes our script into the head of every page, and names the widgets' scripts in it.

    The first page has few widgets, so theirs are left out there.

    Args:
        app: Streamlit's.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.script = f"<script>{assets.js(__file__)}</script>"
        self.links = "".join(f'<link rel="modulepreload" crossorigin href="./static/js/{name}">' for name in scripts())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        page = _page(scope)
        if page is None:
            await self.app(scope, receive, send)
            return
        head = (self.script + (self.links if page else "")).encode()
        started: Message = {}
        body = b""

        async def gather(message: Message) -> None:
            nonlocal started, body
            if message["type"] == "http.response.start":
                started = message
                return
            body += message.get("body", b"")
            if not message.get("more_body", False):
                whole = body.replace(b"</head>", head + b"</head>", 1)
                kept = [(name, value) for name, value in started["headers"] if name != b"content-length"]
                await send({**started, "headers": [*kept, (b"content-length", str(len(whole)).encode())]})
                await send({"type": "http.response.body", "body": whole})

        # Not compressed on its way here, so that the head is found; the page is a few kilobytes.
        plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self.app({**scope, "headers": plain}, receive, gather)


def scripts() -> list[str]:
    """The files of the widgets and of what they import, but for those that Streamlit's page names itself.

    Empty where this Streamlit keeps its files otherwise: then they come when they are asked for.
    """
    page = SCRIPTS.parents[1] / "index.html"
    named = set(re.findall(r"static/js/([\w.-]+\.js)", page.read_text(encoding="utf-8"))) if page.exists() else set()
    found: list[str] = []
    ahead = [file.name for widget in WIDGETS for file in SCRIPTS.glob(f"{widget}.*.js")]
    for name in ahead:  # grows while it is read
        if name not in named and name not in found and (SCRIPTS / name).is_file():
            found.append(name)
            ahead += IMPORTED.findall((SCRIPTS / name).read_text(encoding="utf-8"))
    return found


def _page(scope: Scope) -> str | None:
    """The page that is asked for, "" for the first; None when something else is."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    name = str(scope["path"]).rsplit("/", 1)[-1]
    return name if name in PAGES or not name else None
