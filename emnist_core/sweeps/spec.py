"""A sweep: trainings that belong together, written down in one TOML file.

    title = "CNN"

    [recipe]                      # common to all rows
    model = "vanilla-cnn"

    [[row]]
    name = "adam-512-20-0.5"
    report_accuracy = 0.8825      # what the report published, if it did
    note = "One sentence."
    title = "Ten epochs"          # for people, with a prediction to test and what to watch for: recipes/presets.toml
    epochs = 20                   # any setting of a recipe
    test = false                  # not to be evaluated on the test part

    [search]                      # for Optuna: ranges, or lists of choices
    trials = 20
    storage = "/mnt/shared/tiny.journal"   # where several machines share one search, or "postgresql://…"
    learning_rate = {low = 1e-4, high = 1e-2, log = true}
    batch_size = [128, 256, 512]

Everything is validated when the file is read, before anything starts.
"""

import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from emnist_core.errors import RecipeError, RunError
from emnist_core.files import read_bytes
from emnist_core.recipe import Recipe
from emnist_core.runs.names import ADVICE, can_name_a_run

LONGEST_NAME = 30
"""Characters in the name of a sweep or of a row, which together name a run."""


@dataclass(frozen=True)
class Row:
    """One training of a sweep.

    Attributes:
        sweep, name: the sweep it belongs to, and what it is called there.
        full_recipe: the recipe as the file has it.
        settings: those of its settings that the row itself gives.
        report_accuracy: test accuracy that the report published for it, in [0, 1].
        note: one sentence on why ours and the report's agree or differ.
        test: whether it is evaluated on the test part once it is trained.
        title, prediction, watch: of a preset, its name for people, a prediction to test and what to watch for.
        most_epochs: train no more epochs than this.
    """

    sweep: str
    name: str
    full_recipe: Recipe
    settings: dict[str, Any] = field(default_factory=dict)
    report_accuracy: float | None = None
    note: str | None = None
    test: bool = True
    title: str = ""
    prediction: str = ""
    watch: str = ""
    most_epochs: int | None = None

    @property
    def recipe(self) -> Recipe:
        """The recipe to train."""
        epochs = self.full_recipe.epochs
        return self.full_recipe.model_copy(update={"epochs": min(epochs, self.most_epochs or epochs)})

    @property
    def is_shortened(self) -> bool:
        """Whether fewer epochs are trained than the file asks for."""
        return self.recipe.epochs < self.full_recipe.epochs

    @property
    def run_name(self) -> str:
        """What its run is called; a shortened one is not taken for the whole."""
        whole = f"{self.sweep}-{self.name}"
        return f"{whole}-{self.recipe.epochs}-epochs" if self.is_shortened else whole


@dataclass(frozen=True)
class Range:
    """Where a search looks for a number."""

    low: float
    high: float
    log: bool = False


@dataclass(frozen=True)
class Search:
    """A search for a recipe.

    Attributes:
        common: settings of every trial.
        trials: how many there are in all.
        space: what may vary, ranges and choices by setting.
        storage: the study's journal, or Optuna's address of a database server; default: a journal beside the runs.
    """

    common: dict[str, Any]
    trials: int
    space: dict[str, Range | tuple[Any, ...]]
    storage: str | None = None

    @property
    def first(self) -> Recipe:
        """One of the recipes that may be tried, to see whether the data is there and is enough."""
        return Recipe.parse(self.common | {name: _ends(values)[0] for name, values in self.space.items()})


@dataclass(frozen=True)
class Sweep:
    """The rows of a file in their order, and its search if it has one."""

    name: str
    title: str
    rows: tuple[Row, ...]
    search: Search | None = None
    most_epochs: int | None = None

    def at_most(self, epochs: int) -> "Sweep":
        """The same sweep with no training longer than ``epochs``."""
        rows = tuple(replace(row, most_epochs=epochs) for row in self.rows)
        return replace(self, rows=rows, most_epochs=epochs)

    def only(self, names: list[str]) -> "Sweep":
        """The rows called so and no search; raises ``RunError`` naming one that is not there."""
        known = [row.name for row in self.rows]
        for name in names:
            if name not in known:
                raise RunError(f"The sweep {self.name} has no row {name}; choose one of {', '.join(known)}.")
        return replace(self, rows=tuple(row for row in self.rows if row.name in names), search=None)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _sound_name(name: str) -> str:
    if not can_name_a_run(name, LONGEST_NAME):
        raise ValueError(f"{ADVICE}, at most {LONGEST_NAME} characters")
    return name


class _RowEntry(BaseModel):
    """A ``[[row]]``; whatever else stands there is a setting."""

    model_config = ConfigDict(extra="allow")

    name: Annotated[str, AfterValidator(_sound_name)]
    report_accuracy: float | None = Field(default=None, ge=0, le=1)
    note: str | None = None
    test: bool = True
    title: str = ""
    prediction: str = ""
    watch: str = ""


class _SearchEntry(BaseModel):
    """``[search]``; whatever else stands there is a setting to vary."""

    model_config = ConfigDict(extra="allow")

    trials: int = Field(ge=1, le=10_000)
    storage: str | None = None


class _RangeEntry(_Strict):
    low: int | float
    high: int | float
    log: bool = False


class _File(_Strict):
    title: str | None = None
    recipe: dict[str, Any] = Field(default_factory=dict)
    row: list[_RowEntry] = Field(default_factory=list)
    search: _SearchEntry | None = None


def read(path: Path) -> Sweep:
    """Read a sweep's file.

    Raises:
        RunError: when it cannot be read or makes no sense; names the row and the setting at fault.
    """
    try:
        content = tomllib.loads(read_bytes(path).decode())
    except OSError as error:
        raise RunError(f"{path} cannot be read ({error.strerror}); give a sweep's TOML file.") from None
    except ValueError as error:
        raise RunError(f"{path} is not TOML ({error}); mend that place.") from None
    if not can_name_a_run(path.stem, LONGEST_NAME):
        raise RunError(f"{path.name} cannot name runs; before .toml {ADVICE}, at most {LONGEST_NAME} characters.")
    try:
        file = _File.model_validate(content)
    except ValidationError as error:
        raise RunError(f"{path.name}{_where(error, content)}") from None
    if not file.row and file.search is None:
        raise RunError(f"{path.name} has nothing to train; give it a [[row]] or a [search].")
    rows = tuple(_row(path, file.recipe, entry) for entry in file.row)
    for number, row in enumerate(rows):
        if row.name in [earlier.name for earlier in rows[:number]]:
            raise RunError(f"{path.name} has two rows called {row.name}; give each a name of its own.")
    search = None if file.search is None else _search(path, file.recipe, file.search)
    return Sweep(path.stem, file.title or path.stem, rows, search)


def _where(error: ValidationError, content: dict[str, Any]) -> str:
    """Which row, which field, and what is wrong with it."""
    first = error.errors()[0]
    place = list(first["loc"])
    row = ""
    if place[0] == "row" and len(place) > 1:
        number = int(place[1])
        entry = content["row"][number]
        name = entry.get("name") if isinstance(entry, dict) else None
        row, place = f", row {name or number + 1}", place[2:]
    return f"{row}: {'.'.join(map(str, place)) or 'row'}: {first['msg']}."


def _parse(path: Path, place: str, settings: dict[str, Any]) -> Recipe:
    try:
        return Recipe.parse(settings)
    except RecipeError as error:
        raise RunError(f"{path.name}, {place}: {error}") from None


def _row(path: Path, common: dict[str, Any], entry: _RowEntry) -> Row:
    settings = dict(entry.model_extra or {})
    recipe = _parse(path, f"row {entry.name}", common | settings)
    told = entry.model_dump(exclude={"name", *settings})
    return Row(path.stem, entry.name, recipe, settings, **told)


def _search(path: Path, common: dict[str, Any], entry: _SearchEntry) -> Search:
    space = {name: _values(path, name, values) for name, values in (entry.model_extra or {}).items()}
    if not space:
        raise RunError(f"{path.name}, search: it varies nothing; give it a setting with a range or choices.")
    first = {name: _ends(values)[0] for name, values in space.items()}
    for name, values in space.items():
        for value in _ends(values):
            _parse(path, "search", common | first | {name: value})
    return Search(common, entry.trials, space, entry.storage)


def _ends(values: Range | tuple[Any, ...]) -> tuple[Any, ...]:
    """The values that have to be sound for all of them to be."""
    return (values.low, values.high) if isinstance(values, Range) else values


def _values(path: Path, name: str, values: Any) -> Range | tuple[Any, ...]:
    if isinstance(values, list) and values:
        return tuple(values)
    try:
        given = _RangeEntry.model_validate(values)
    except ValidationError:
        raise RunError(
            f"{path.name}, search: {name}: give {{low = …, high = …, log = true}} or a list of choices."
        ) from None
    if given.low >= given.high or (given.log and given.low <= 0):
        raise RunError(f"{path.name}, search: {name}: low must be less than high, and above 0 with log = true.")
    return Range(given.low, given.high, given.log)
