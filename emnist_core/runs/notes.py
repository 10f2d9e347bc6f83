"""What people say of a run, ``notes.json``: its title, whose it is, tags, remarks, and whether pages show it.

It lies in the run's folder; that of a run that ships, which is only read, in ``EMNIST_HOME/notes/``. It has no
checksum: it changes while the run is as it was.
"""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from emnist_core import paths
from emnist_core.errors import RunError
from emnist_core.files import read_json, write_json
from emnist_core.runs.run import Run

FILE = "notes.json"
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]
Tag = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=30, pattern=r"^[^\x00-\x1f\x7f,]+$")
]


class Notes(BaseModel):
    """What people say of a run.

    Attributes:
        title: what it is called on pages, beside its folder's name.
        owner: whose it is, as typed.
        tags: words to find it by, each once.
        text: remarks.
        archived: whether it is out of the way: not on Sketch and Home, and on Runs where it is asked for.
        shown: whether Sketch and Home show it; None leaves that to the rule of ``listing.shown_runs``.
        former_names: what its folder was called before; it is still found by them.
        imported: when it came here out of a zip, ISO 8601; None for a run of this machine.
    """

    model_config = ConfigDict(frozen=True)

    title: Line = ""
    owner: Line = ""
    tags: tuple[Tag, ...] = Field(default=(), max_length=12)
    text: str = Field(default="", max_length=2000)
    archived: bool = False
    shown: bool | None = None
    former_names: tuple[Line, ...] = Field(default=(), max_length=100)
    imported: Line | None = None

    @field_validator("tags", mode="after")
    @classmethod
    def _each_once(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(tags))


def file(run: Run) -> Path:
    """Where the notes of a run are."""
    return paths.home() / "notes" / f"{run.name}.json" if run.is_shipped else run.path / FILE


def read(run: Run) -> Notes:
    """The notes of a run, empty where nobody made any; raises ``RunError`` when they are damaged."""
    try:
        return Notes.model_validate(read_json(file(run)))
    except FileNotFoundError:
        return Notes()
    except (OSError, ValueError, RecursionError):
        raise RunError(f"The notes of the run {run.name} are damaged; write them again.") from None


def read_or_none(run: Run) -> Notes:
    """The notes of a run, empty ones where they are damaged too: for lists, which one bad file must not break."""
    try:
        return read(run)
    except RunError:
        return Notes()


def change(run: Run, **changes: Any) -> Notes:
    """Write some of a run's notes anew and return all of them; damaged ones are begun again.

    Raises:
        RunError: naming the note that is too long, or where it cannot be written.
    """
    try:
        changed = Notes.model_validate(read_or_none(run).model_dump() | changes)
    except ValidationError as error:
        first = error.errors()[0]
        raise RunError(f"{str(first['loc'][0]).capitalize()} of the run {run.name}: {first['msg']}.") from None
    try:
        write_json(file(run), changed.model_dump(mode="json"))
    except OSError as error:
        raise RunError(f"The notes of the run {run.name} cannot be written ({error.strerror}).") from None
    return changed
