"""The commands about the data: what splits there are, bringing them here, serving them to others."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from emnist_core.cli.output import Json, screen, show
from emnist_core.errors import DataError
from emnist_core.splits import Part

if TYPE_CHECKING:
    from emnist_core.data.progress import Progress, Show


def splits(as_json: Json = False) -> None:
    """List the six splits of EMNIST."""
    from emnist_core.splits import SPLITS

    rows = [
        {
            "name": split.name,
            "classes": split.classes,
            "train": split.train,
            "test": split.test,
            "labels": "".join(split.labels),
        }
        for split in SPLITS.values()
    ]
    show(rows, as_json, "Splits of EMNIST", rows)


def fetch(
    split: Annotated[str, typer.Argument(help="Which split: see `splits`.")],
    folder: Annotated[
        Path | None, typer.Option("--from", help="A folder, .zip or .mat with NIST's or Kaggle's files.")
    ] = None,
    url: Annotated[str | None, typer.Option(help="The address of a mirror of NIST's gzip.zip.")] = None,
    source: Annotated[
        str | None,
        typer.Option(help="nist (default), huggingface, kaggle; or what torchvision, tfds or emnist left here."),
    ] = None,
    part: Annotated[Part | None, typer.Option(help="Only this part.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Fetch also what is in the cache from there.")] = False,
    as_json: Json = False,
) -> None:
    """Bring real EMNIST into the cache: from NIST, a mirror, or files that are here."""
    from emnist_core.data import fetching, sources

    if sum(given is not None for given in (folder, url, source)) > 1:
        raise DataError("--from, --url and --source each name a place to fetch from; give one of them.")
    if source is not None and source not in sources.SOURCES:
        raise DataError(f"There is no source called {source}; choose one of {', '.join(sources.SOURCES)}.")
    if url is not None and "://" not in url:
        raise DataError(f"{url} is not an address; give one that begins with http:// or https://.")
    with _fetch_bar(quiet=as_json) as show_progress:
        fetched = fetching.fetch(split, folder or url or source, part and (part,), show_progress, again=again)
    rows: list[dict[str, Any]] = [
        {
            "split": item.dataset.split.name,
            "part": item.dataset.part,
            "images": len(item.dataset),
            "name": item.dataset.name,
            "sha256": item.dataset.sha256,
            "source": item.source,
            "bytes_downloaded": item.bytes_downloaded,
            "notes": list(item.dataset.notes),
        }
        for item in fetched
    ]
    shown = ("split", "part", "images", "name")
    show(rows, as_json, "Fetched", [{name: row[name] for name in shown} for row in rows])
    for row in rows if not as_json else []:
        moved = row["bytes_downloaded"]
        origin = f"{moved / 1e6:,.1f} MB from {row['source']}" if moved else f"from {row['source']}"
        screen.print(f"{row['part']}: {origin}", *row["notes"], sep="\n", soft_wrap=True)


@contextmanager
def _fetch_bar(quiet: bool) -> "Iterator[Show]":
    """A bar on stderr with bytes, speed and time left, where somebody looks at it; Ctrl-C keeps what came."""
    from rich import progress as bars
    from rich.console import Console

    console = Console(stderr=True)
    columns = (
        bars.TextColumn("{task.description}", markup=False),
        bars.BarColumn(),
        bars.DownloadColumn(),
        bars.TransferSpeedColumn(),
        bars.TimeRemainingColumn(),
    )
    with bars.Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task("Connecting", total=None, visible=False)

        def show(at: "Progress") -> None:
            bar.update(task, description=at.doing, completed=at.bytes_done, total=at.bytes_total, visible=True)

        yield show


def serve_mirror(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8000,
    host: Annotated[str, typer.Option(help="0.0.0.0 lets the whole network in.")] = "127.0.0.1",
    as_json: Json = False,
) -> None:
    """Serve the cached parts to other machines, as NIST serves its archive, until interrupted."""
    from emnist_core.data import mirror

    with mirror.serve(host, port) as serving:
        row = {"url": serving.url, "bytes": serving.size, "parts": ", ".join(serving.parts)}
        show(row, as_json, "Serving EMNIST until Ctrl-C", [row])
        if not as_json:
            screen.print(f"Elsewhere: python -m emnist_core fetch balanced --url {serving.url}", soft_wrap=True)
        sys.stdout.flush()
        serving.run()
