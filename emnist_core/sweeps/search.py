"""Search for a recipe with Optuna; a trial is an ordinary run, chosen by validation accuracy alone.

The study is a journal beside the runs, or what ``storage`` names: another journal, on a disk that several machines
share, or the address of a database server. Optuna warns of SQLite on a shared disk, whose locks such disks do not keep.
Whoever shares a study shares its search, and takes up a trial whose process died, from its checkpoint where the disk
with its run is shared too. The test part is not touched.
"""

from pathlib import Path
from typing import Any

import optuna
from optuna.storages import BaseStorage, JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, Trial, TrialState

from emnist_core import paths, runs
from emnist_core.errors import EmnistError, RunError
from emnist_core.recipe import Recipe
from emnist_core.runs import Run
from emnist_core.sweeps.spec import Range, Row, Sweep
from emnist_core.training.callbacks import EndEarly, Say, Watch
from emnist_core.training.lifecycle import train

ENDED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


def open_study(sweep: Sweep, prune: bool = False) -> optuna.Study:
    """The sweep's study, made when there is none; raises ``RunError`` when it cannot be opened."""
    assert sweep.search is not None
    name = sweep.name if sweep.most_epochs is None else f"{sweep.name}-{sweep.most_epochs}-epochs"
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        return optuna.create_study(
            storage=_storage(sweep.search.storage or str((paths.own_runs() / f"{sweep.name}.journal").absolute())),
            study_name=name,
            direction="maximize",
            load_if_exists=True,
            pruner=optuna.pruners.MedianPruner() if prune else optuna.pruners.NopPruner(),
        )
    except Exception as error:  # SQLAlchemy's, of which there are dozens
        reason = str(error).splitlines()[0]
        raise RunError(f"The study {name} cannot be opened ({reason}); check `storage` and free the file.") from None


def _storage(place: str) -> BaseStorage | str:
    """A journal's file, or the address of a database."""
    if "://" in place:
        return place
    Path(place).parent.mkdir(parents=True, exist_ok=True)
    return JournalStorage(JournalFileBackend(place))


def search(sweep: Sweep, prune: bool, say: Say, watch: Watch) -> None:
    """Try recipes until the study has as many trials as the file asks for; arguments as ``sweeps.train.train_sweep``.

    Trials that other processes are at count; those whose process died are taken up first.

    Raises:
        RunError: when the study cannot be opened, or a trial's run is there already.
    """
    assert sweep.search is not None
    study = open_study(sweep, prune)
    given_up: set[int] = set()  # of this process: what it could not take up
    while True:
        trials = study.get_trials(deepcopy=False)
        lost = [trial for trial in trials if trial.number not in given_up and _is_lost(trial)]
        if lost:
            given_up.add(lost[0].number)
            trial = Trial(study, lost[0]._trial_id)
            say(f"trial {trial.number}: its process died; it goes on here")
        elif len(trials) < sweep.search.trials:
            trial = study.ask()
        else:
            return
        _attempt(study, trial, sweep, say, watch)


def _is_lost(trial: FrozenTrial) -> bool:
    """Whether a trial is said to go on, and its process is gone."""
    place = trial.user_attrs.get("path")
    if trial.state != TrialState.RUNNING or place is None:
        return False
    try:
        return Run(Path(place)).status().state == "lost"
    except RunError:  # on a disk that is not here
        return False


def _attempt(study: optuna.Study, trial: Trial, sweep: Sweep, say: Say, watch: Watch) -> None:
    """Train a trial, new or taken up, and tell the study what it came to."""
    try:
        run = _run_of(trial, sweep)
    except EmnistError as error:  # settings that are fine alone, and not together
        say(f"trial {trial.number}: {error}")
        study.tell(trial, state=TrialState.PRUNED)
        return

    def should_prune(reached: list[float]) -> bool:
        trial.report(reached[-1], len(reached))
        return trial.should_prune()

    end = EndEarly(run, should_prune)
    try:
        status = train(run, [*watch(run), end])
    except EmnistError as error:
        say(f"{run.name}: {error}")
        study.tell(trial, state=TrialState.PRUNED)
        return
    if end.ended or status.validation_accuracy is None:
        say(f"{run.name}: given up after epoch {status.epoch}")
        study.tell(trial, state=TrialState.PRUNED)
        return
    say(f"{run.name}: validation {status.validation_accuracy:.2%} with {trial.params}")
    study.tell(trial, status.validation_accuracy)


def _run_of(trial: Trial, sweep: Sweep) -> Run:
    """The run of a trial that is taken up, or a new one."""
    wanted = sweep.search
    assert wanted is not None
    if place := trial.user_attrs.get("path"):
        return Run(Path(place))
    settings = {name: _suggest(trial, name, values) for name, values in wanted.space.items()}
    recipe = Recipe.parse(wanted.common | settings)
    row = Row(sweep.name, f"trial-{trial.number}", recipe, settings, most_epochs=sweep.most_epochs)
    run = runs.create(row.recipe, row.run_name)
    trial.set_user_attr("run", run.name)
    trial.set_user_attr("path", str(run.path.absolute()))
    return run


def _suggest(trial: Trial, name: str, values: Range | tuple[Any, ...]) -> Any:
    if not isinstance(values, Range):
        return trial.suggest_categorical(name, values)
    if isinstance(values.low, int) and isinstance(values.high, int):
        return trial.suggest_int(name, values.low, values.high, log=values.log)
    return trial.suggest_float(name, values.low, values.high, log=values.log)


def trials(sweep: Sweep) -> list[dict[str, Any]]:
    """The trials that ended, best on validation first: run, settings, validation accuracy (None: given up)."""
    study = open_study(sweep)
    ended = study.get_trials(deepcopy=False, states=ENDED)
    rows = [
        {
            "run": trial.user_attrs.get("run"),
            "settings": trial.params,
            "validation_accuracy": trial.value if trial.state == TrialState.COMPLETE else None,
        }
        for trial in ended
    ]
    return sorted(rows, key=lambda row: -(row["validation_accuracy"] or 0.0))
