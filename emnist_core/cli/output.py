"""How commands print: a table for people, or one JSON document and nothing else."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

screen = Console()

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of a table.")]


def show(document: Any, as_json: bool, title: str, rows: list[dict[str, Any]]) -> None:
    """Print ``document`` as JSON, or ``rows`` as a table."""
    if as_json:
        print(json.dumps(document, ensure_ascii=False))
        return
    table = Table(title=title, title_justify="left")
    for column in rows[0] if rows else []:
        table.add_column(column.replace("_", " "), justify="left")
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    screen.print(table if rows else f"{title}: none.")


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return "" if value is None else str(value)
