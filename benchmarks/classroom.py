"""A class at once: visitors who act every few seconds, by Streamlit's own protocol and without a browser.

    python -m benchmarks.classroom [--visitors 30] [--seconds 75] [--every 5]
    python -m benchmarks.classroom --sessions 500

Each visitor stays on Home, Confusion, Pair lab or Sketch and shows other images, clicks a cell, picks another class or
draws a stroke. Printed is how long the server takes from an act to the end of its run, and its memory before, with
all visitors and a minute after they left. With ``--sessions`` that many visitors come, act once and leave, eight at a
time: what the server's memory does over them shows whether any of it is kept.
"""

import argparse
import asyncio
import base64
import io
import itertools
import json
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from PIL import Image, ImageDraw
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.browsing import Server, app
from benchmarks.report import PROJECT, machine, table

PAGES = ("home", "confusion", "pair", "sketch")
LABELS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"
PATIENCE = 60.0  # seconds until an act counts as lost
AFTER = 60  # seconds after which those who left shall have left nothing


@dataclass
class Visitor:
    """One visitor's connection, and what its page has told it.

    Attributes:
        page: the page it is on.
        connection: to the server.
        random: what it does next.
        widgets: by its key, a widget's identifier and the fragment that it runs, if any.
        states: what it has set widgets to, by identifier.
        cached: hashes of the messages that need not be sent to it again.
        strokes: what it has drawn, as the canvas names it.
        picture: and as it looks.
    """

    page: str
    connection: ClientConnection
    random: random.Random
    widgets: dict[str, tuple[str, str]] = field(default_factory=dict)
    states: dict[str, WidgetState] = field(default_factory=dict)
    cached: set[str] = field(default_factory=set)
    strokes: list[dict[str, object]] = field(default_factory=list)
    picture: Image.Image = field(default_factory=lambda: Image.new("RGBA", (280, 280)))
    script: str = ""

    async def open(self) -> float:
        """Open the page; returns the seconds until its script has run."""
        message = BackMsg()
        message.rerun_script.page_name = "" if self.page == "home" else self.page
        return await self._run(message)

    async def act(self) -> float:
        """Do one thing on the page; returns the seconds until the run that follows is over."""
        key, state = {
            "home": self._show_others,
            "confusion": self._click_a_cell,
            "pair": self._pick_a_class,
            "sketch": self._draw_a_stroke,
        }[self.page]()
        state.id, fragment = self.widgets[key]
        message = BackMsg()
        if not state.trigger_value:
            self.states[state.id] = state
        changed = {state.id: state}
        message.rerun_script.widget_states.widgets.extend((self.states | changed).values())
        message.rerun_script.page_script_hash = self.script
        message.rerun_script.fragment_id = fragment
        return await self._run(message)

    def _show_others(self) -> tuple[str, WidgetState]:
        return next(key for key in self.widgets if key.startswith("Show others")), WidgetState(trigger_value=True)

    def _click_a_cell(self) -> tuple[str, WidgetState]:
        cell = dict(zip(("written", "read"), self.random.sample(LABELS, 2), strict=True))
        return "cell-clicks", WidgetState(json_value=json.dumps({"cell": cell}))

    def _pick_a_class(self) -> tuple[str, WidgetState]:
        return "a", WidgetState(string_value=self.random.choice(LABELS.replace("F", "")))

    def _draw_a_stroke(self) -> tuple[str, WidgetState]:
        points = [(self.random.randrange(40, 240), self.random.randrange(40, 240)) for _ in range(9)]
        ImageDraw.Draw(self.picture).line(points, "#3b78d0", 18, "curve")
        path = [["ML"[number > 0], *point] for number, point in enumerate(points)]
        self.strokes.append({"type": "Path", "path": path})
        png = io.BytesIO()
        self.picture.save(png, "PNG")
        url = f"data:image/png;base64,{base64.b64encode(png.getvalue()).decode()}"
        drawing = {"raw": {"objects": self.strokes}, "data": url}
        return "canvas", WidgetState(json_value=json.dumps({"drawing": drawing}))

    async def _run(self, message: BackMsg) -> float:
        """Send what shall be run and read until it has, as a browser does."""
        message.rerun_script.cached_message_hashes.extend(self.cached)
        message.rerun_script.context_info.color_scheme = "light"
        begun, shown = time.perf_counter(), 0
        await self.connection.send(message.SerializeToString())
        while True:
            answer = ForwardMsg()
            answer.ParseFromString(bytes(await asyncio.wait_for(self.connection.recv(decode=False), PATIENCE)))
            if answer.metadata.cacheable and answer.hash:
                self.cached.add(answer.hash)
            kind = answer.WhichOneof("type")
            if kind == "new_session":
                self.script = answer.new_session.page_script_hash
            elif kind == "navigation":
                self.script = answer.navigation.page_script_hash
            elif kind in ("delta", "ref_hash"):
                shown += 1
                self._take(answer.delta.new_element, answer.delta.fragment_id)
            elif kind == "script_finished" and answer.script_finished not in (
                ForwardMsg.FINISHED_EARLY_FOR_RERUN,
                ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
            ):
                if not shown:
                    raise RuntimeError("Nothing came of it.")
                return time.perf_counter() - begun

    def _take(self, element: Element, fragment: str) -> None:
        kind = element.WhichOneof("type")
        if kind == "exception":
            raise RuntimeError(element.exception.message)
        if kind == "button":
            self.widgets[element.button.label] = (element.button.id, fragment)
        elif kind in ("selectbox", "bidi_component"):
            identifier = getattr(element, kind).id
            # An identifier is ``$$ID-``, a hash, ``-`` and the key.
            self.widgets[identifier.split("-", 2)[-1]] = (identifier, fragment)


@dataclass
class Times:
    """What was measured: seconds of openings and of acts, and what went wrong."""

    opened: list[float] = field(default_factory=list)
    acts: dict[str, list[float]] = field(default_factory=lambda: {page: [] for page in PAGES})
    errors: list[str] = field(default_factory=list)


async def visit(server: Server, number: int, times: Times, stay: Callable[[Visitor], Awaitable[None]]) -> None:
    """One visit from its beginning to its end; what goes wrong is counted."""
    address = server.address.replace("http", "ws") + "/_stcore/stream"
    try:
        async with connect(address, subprotocols=["streamlit"], max_size=None, ping_interval=None) as connection:  # type: ignore[list-item]
            visitor = Visitor(PAGES[number % len(PAGES)], connection, random.Random(number))
            times.opened.append(await visitor.open())
            await stay(visitor)
    except Exception as error:  # every one of them is what a visitor met with
        times.errors.append(f"{PAGES[number % len(PAGES)]}: {type(error).__name__}: {error}")


async def whole_class(server: Server, visitors: int, seconds: float, every: float, times: Times) -> float:
    """All visitors at once for that long; returns the server's memory with them, in MB."""
    end = time.monotonic() + seconds

    async def stay(visitor: Visitor) -> None:
        await asyncio.sleep(visitor.random.uniform(0, every))
        while (begun := time.monotonic()) < end:
            times.acts[visitor.page].append(await visitor.act())
            await asyncio.sleep(max(0.0, begun + visitor.random.uniform(0.8, 1.2) * every - time.monotonic()))

    tasks = [asyncio.create_task(visit(server, number, times, stay)) for number in range(visitors)]
    await asyncio.sleep(seconds)
    with_all = memory(server)
    await asyncio.gather(*tasks)
    return with_all


async def one_after_another(server: Server, sessions: int, times: Times) -> None:
    """That many visits, eight at a time, each with one act; prints the server's memory after every fiftieth."""
    numbers = itertools.count()
    print(f"{'visits':>7} {'memory, MB':>11}")

    async def act_once(visitor: Visitor) -> None:
        times.acts[visitor.page].append(await visitor.act())

    async def come_and_go() -> None:
        while (number := next(numbers)) < sessions:
            if number % 50 == 0:
                print(f"{number:>7} {memory(server):>11.0f}", flush=True)
            await visit(server, number, times, act_once)

    await asyncio.gather(*(come_and_go() for _ in range(8)))
    print(f"{sessions:>7} {memory(server):>11.0f}")


def memory(server: Server) -> float:
    """The server's own memory in MB."""
    return float(server.process.memory_full_info().uss) / 1e6


def processor(server: Server) -> float:
    """The seconds of processor time that the server has taken; other programs hardly change them, as they do waits."""
    times = server.process.cpu_times()
    return float(times.user + times.system)


async def warm(server: Server, times: Times) -> None:
    """One visitor on each page, so that what is loaded once is loaded."""

    async def act_twice(visitor: Visitor) -> None:
        await visitor.act()
        await visitor.act()

    for number in range(len(PAGES)):
        await visit(server, number, times, act_twice)


def line(name: str, seconds: list[float]) -> tuple[str, ...]:
    """A row of the table of times."""
    if len(seconds) < 2:
        return name, str(len(seconds)), "-", "-", "-"
    p95 = statistics.quantiles(seconds, n=20)[-1]
    return name, str(len(seconds)), f"{statistics.median(seconds):.3f}", f"{p95:.3f}", f"{max(seconds):.3f}"


async def measure(arguments: argparse.Namespace) -> None:
    """Start the app, let the visitors in and print what they met with."""
    with app(PROJECT) as server:
        before_all = Times()
        await warm(server, before_all)
        await asyncio.sleep(5)  # what is warmed up beside the first visits
        times = Times(errors=before_all.errors)
        before, begun = memory(server), processor(server)
        if arguments.sessions:
            await one_after_another(server, arguments.sessions, times)
        else:
            with_all = await whole_class(server, arguments.visitors, arguments.seconds, arguments.every, times)
        worked = processor(server) - begun
        await asyncio.sleep(AFTER)
        after = memory(server)
    acts = [seconds for of_page in times.acts.values() for seconds in of_page]
    rows = [line("opening a page", times.opened), *(line(page, times.acts[page]) for page in PAGES)]
    print(table(("", "n", "median, s", "p95, s", "most, s"), [*rows, line("all acts", acts)]))
    print(f"\nProcessor time of the server: {worked / max(1, len(acts)):.3f} s an act, openings included")
    if not arguments.sessions:
        print(f"{len(acts)} acts of about {arguments.visitors * arguments.seconds / arguments.every:.0f}")
        print(f"Memory with all of them {with_all:.0f} MB")
    print(f"Memory before {before:.0f} MB, a minute after they left {after:.0f} MB; errors: {len(times.errors)}")
    for error in sorted(set(times.errors)):
        print(f"  {error}")
    print(machine("streamlit", "starlette", "uvicorn"))


def main() -> None:
    """Measure with the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visitors", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=75)
    parser.add_argument("--every", type=float, default=5, help="seconds from one act of a visitor to the next")
    parser.add_argument("--sessions", type=int, default=0, help="this many short visits one after another instead")
    asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
