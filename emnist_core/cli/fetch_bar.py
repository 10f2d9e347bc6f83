"""A fetch's progress in the terminal: bytes, speed, time left; Ctrl-C cancels and keeps what came."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as RichProgress

from emnist_core.data.progress import Progress


class FetchBar:
    """A bar on stderr, so that stdout has the answer alone; only where somebody looks at it.

    Args:
        quiet: show nothing.
    """

    def __init__(self, quiet: bool) -> None:
        console = Console(stderr=True)
        self._bar = RichProgress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=quiet or not console.is_terminal,
        )
        self._task = self._bar.add_task("Connecting", total=None, visible=False)

    def show(self, progress: Progress) -> None:
        """Show where the fetch stands."""
        self._bar.update(
            self._task,
            description=progress.doing,
            completed=progress.bytes_done,
            total=progress.bytes_total,
            visible=True,
        )

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
