"""Search for a recipe with Optuna; a trial is an ordinary run, chosen by validation accuracy alone.

The study is an SQLite file beside the runs, or at the address that ``storage`` names: machines that share it
share the search. The test part is not touched.
"""

from typing import Any

import optuna

from emnist_core import paths, runs
from emnist_core.errors import EmnistError, RunError
from emnist_core.recipe import Recipe
from emnist_core.sweeps.spec import Range, Row, Sweep
from emnist_core.training.callbacks import EndEarly, Say, Watch
from emnist_core.training.lifecycle import train

ENDED = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED, optuna.trial.TrialState.FAIL)


def open_study(sweep: Sweep, prune: bool = False) -> optuna.Study:
    """The sweep's study, made when there is none; raises ``RunError`` when it cannot be opened."""
    assert sweep.search is not None
    name = sweep.name if sweep.most_epochs is None else f"{sweep.name}-{sweep.most_epochs}-epochs"
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        paths.own_runs().mkdir(parents=True, exist_ok=True)
        return optuna.create_study(
            storage=sweep.search.storage or f"sqlite:///{(paths.own_runs() / f'{sweep.name}.sqlite').absolute()}",
            study_name=name,
            direction="maximize",
            load_if_exists=True,
            pruner=optuna.pruners.MedianPruner() if prune else optuna.pruners.NopPruner(),
        )
    except Exception as error:  # SQLAlchemy's, of which there are dozens
        reason = str(error).splitlines()[0]
        raise RunError(f"The study {name} cannot be opened ({reason}); check `storage` and free the file.") from None


def search(sweep: Sweep, prune: bool, say: Say, watch: Watch) -> None:
    """Try recipes until the study has as many trials as the file asks for; arguments as ``sweeps.train.train_sweep``.

    Raises:
        RunError: when the study cannot be opened, or a trial's run is there already.
    """
    wanted = sweep.search
    assert wanted is not None
    study = open_study(sweep, prune)

    def attempt(trial: optuna.Trial) -> float:
        settings = {name: _suggest(trial, name, values) for name, values in wanted.space.items()}
        try:
            recipe = Recipe.parse(wanted.common | settings)
        except EmnistError as error:  # fine alone, and not together
            say(f"trial {trial.number}: {error}")
            raise optuna.TrialPruned from None
        row = Row(sweep.name, f"trial-{trial.number}", recipe, settings, most_epochs=sweep.most_epochs)
        run = runs.create(row.recipe, row.run_name)
        trial.set_user_attr("run", run.name)

        def should_prune(reached: list[float]) -> bool:
            trial.report(reached[-1], len(reached))
            return trial.should_prune()

        end = EndEarly(run, should_prune)
        try:
            status = train(run, [*watch(run), end])
        except EmnistError as error:
            say(f"{row.name}: {error}")
            raise optuna.TrialPruned from None
        if end.ended or status.validation_accuracy is None:
            say(f"{row.name}: given up after epoch {status.epoch}")
            raise optuna.TrialPruned
        say(f"{row.name}: validation {status.validation_accuracy:.2%} with {settings}")
        return status.validation_accuracy

    ended = len(study.get_trials(deepcopy=False, states=ENDED))
    if ended < wanted.trials:
        study.optimize(attempt, callbacks=[optuna.study.MaxTrialsCallback(wanted.trials, states=ENDED)])


def _suggest(trial: optuna.Trial, name: str, values: Range | tuple[Any, ...]) -> Any:
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
            "validation_accuracy": trial.value if trial.state == optuna.trial.TrialState.COMPLETE else None,
        }
        for trial in ended
    ]
    return sorted(rows, key=lambda row: -(row["validation_accuracy"] or 0.0))
