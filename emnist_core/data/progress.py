"""How far a fetch is: what came, how fast, how long it will take, and whether it is to go on."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from emnist_core.errors import DataError

SPEED_SECONDS = 5.0
"""The speed shown is that of the last few seconds."""

SHOW_SECONDS = 0.1
"""Between two reports at least, so that showing them costs nothing."""


class FetchCancelled(DataError):  # noqa: N818 - it was wished for
    """The person asked for the fetch to end."""


@dataclass(frozen=True)
class Progress:
    """Where a fetch stands.

    Attributes:
        doing: what is being done, e.g. the name of the file that comes.
        bytes_done: bytes that are here, those of an earlier try included.
        bytes_total: bytes that have to come, or None where the source does not say.
        bytes_per_second: the speed of the last few seconds, None until it is known.
        seconds_left: None until it is known.
    """

    doing: str
    bytes_done: int
    bytes_total: int | None
    bytes_per_second: float | None
    seconds_left: float | None


Show = Callable[[Progress], None]


class Meter:
    """Counts the bytes of one fetch, reports them, and ends the fetch when asked to.

    Args:
        show: called with the ``Progress`` some times a second.
        cancelled: asked as often; when it says True, ``FetchCancelled`` is raised.
    """

    def __init__(self, show: Show | None = None, cancelled: Callable[[], bool] | None = None) -> None:
        self.downloaded = 0
        self.doing = ""
        self._show, self._cancelled = show, cancelled
        self._done = 0
        self._total: int | None = None
        self._came: deque[tuple[float, int]] = deque()
        self._shown = 0.0

    def expect(self, size: int | None) -> None:
        """Say how many bytes are to come in all."""
        self._total = size
        self.report()

    def begin(self, doing: str) -> None:
        """Say what is done next."""
        self.doing = doing
        self.report()

    def resumed(self, size: int) -> None:
        """Count bytes that an earlier try left here; negative when they turned out to be worth nothing."""
        self._done += size
        self.report()

    def received(self, size: int) -> None:
        """Count bytes that came over the network."""
        now = time.monotonic()
        self.downloaded += size
        self._done += size
        self._came.append((now, size))
        while self._came and self._came[0][0] < now - SPEED_SECONDS:
            self._came.popleft()
        self.check()
        if now - self._shown >= SHOW_SECONDS:
            self.report()

    def check(self) -> None:
        """Raise ``FetchCancelled`` when the person asked for an end."""
        if self._cancelled is not None and self._cancelled():
            raise FetchCancelled("The fetch was cancelled; what came is kept, and fetching again goes on from there.")

    def report(self) -> None:
        """Show where the fetch stands now."""
        self._shown = time.monotonic()
        if self._show is not None:
            self._show(self.progress())

    def progress(self) -> Progress:
        """Where the fetch stands now."""
        speed = left = None
        if len(self._came) > 1:
            seconds = time.monotonic() - self._came[0][0]
            speed = sum(size for _, size in self._came) / max(seconds, 0.001)
            if self._total is not None and speed:
                left = max(self._total - self._done, 0) / speed
        return Progress(self.doing, self._done, self._total, speed, left)
