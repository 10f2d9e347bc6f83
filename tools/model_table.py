"""Print the table of shipped models and put it into the README between its two marks."""

import re

from emnist_core import paths
from emnist_core.evaluation.intervals import in_words
from emnist_core.evaluation.store import stored_evaluations
from emnist_core.runs import Run, list_runs

MARKS = re.compile(r"(<!-- models: .*? -->\n).*?(<!-- /models -->)", re.DOTALL)


def row(run: Run) -> str:
    """One model's row."""
    tested = stored_evaluations(run)
    emnist = next(e for e in tested if not e.is_sample and e.part == "test")
    sample = next(e for e in tested if e.is_sample)
    status = run.status()
    return (
        f"| [{run.name}](trained_models/{run.name}/README.md) | {run.recipe.spec.parameters:,} | {status.epochs} | "
        f"{status.seconds / 60:.0f} min | {status.validation_accuracy:.2%} | {emnist.accuracy:.2%} | "
        f"{in_words(*emnist.interval)} | {emnist.ambiguity_merged:.2%} | "
        f"{emnist.ece:.2%} | {sample.accuracy:.2%} |"
    )


def table() -> str:
    """The table as Markdown."""
    shipped = [run for run in list_runs() if run.is_shipped]
    example = next(e for e in stored_evaluations(shipped[0]) if not e.is_sample)
    head = (
        "| model | parameters | epochs | trained in | validation | **test** | 95 % | ambiguity-merged | "
        "calibration error | sample, test |\n"
        "|---|---|---|---|---|---|---|---|---|---|\n"
    )
    note = (
        f"\n\nTest: {example.data_name}, n = {example.n:,}. Validation: the last 7,050 training rows. "
        "Ambiguity-merged forgives 0/O, 1/I/L, F/f, 9/q/g, which people confuse too. "
        "Sample: the bundled fonts, n = 1,880, which no model was trained on. Trained on two CPU cores.\n"
    )
    return head + "\n".join(row(run) for run in shipped) + note


if __name__ == "__main__":
    readme = paths.PROJECT / "README.md"
    text = readme.read_text(encoding="utf-8")
    readme.write_text(MARKS.sub(lambda found: found[1] + table() + found[2], text), encoding="utf-8")
    print(table())
