"""A fetch that goes on while a page shows how far it is; one for each split in this process."""

import threading
from dataclasses import dataclass, field

from emnist_core import data, hosting
from emnist_core.data import sources
from emnist_core.data.progress import FetchCancelled, Progress
from emnist_core.errors import DataError


@dataclass
class FetchTask:
    """A fetch of both parts of a split in a thread of its own.

    Attributes:
        split: the split's name.
        source: where from; see ``data.fetching.fetch``.
        progress: how far it is; None before the first word of it.
        error: why it ended without images, in a sentence; None while it runs and when all went well.
        other: the name of the source to try instead, where it was the source that failed.
    """

    split: str
    source: str
    progress: Progress | None = None
    error: str | None = None
    other: str | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        """Whether it is under way."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin it."""
        self._thread = threading.Thread(target=self._run, name=f"fetch-{self.split}", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Ask it to end; what came is kept, so that the next one goes on from there."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> None:
        """Wait for its end, at most ``seconds``."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        try:
            data.fetch(self.split, self.source, None, self._note, self._stop.is_set)
        except FetchCancelled as cancelled:
            self.error = str(cancelled)
        except DataError as error:
            reason = getattr(error.__cause__, "reason", None)
            if isinstance(reason, sources.Reason) and reason is not sources.Reason.PROXY:
                self.other = sources.next_source(sources.chosen(self.source))
            self.error = str(error)
        except Exception as error:
            self.error = f"The fetch ended with {type(error).__name__} ({error}); try again or take another source."
            raise

    def _note(self, progress: Progress) -> None:
        self.progress = progress


_tasks: dict[str, FetchTask] = {}
_lock = threading.Lock()


def find(split: str) -> FetchTask | None:
    """The last fetch of ``split``, under way or ended."""
    return _tasks.get(split)


def send(split: str, source: str) -> FetchTask:
    """Fetch ``split``; a fetch of it that is under way is returned as it is.

    Raises:
        NotAllowedError: when visitors may not fetch here.
    """
    hosting.ensure_allowed("fetch")
    with _lock:
        task = _tasks.get(split)
        if task is None or not task.is_running:
            task = _tasks[split] = FetchTask(split, source)
            task.start()
        return task
