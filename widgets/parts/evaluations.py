"""Choosing what a run was evaluated on, with the images where they are on this machine."""

from collections.abc import Sequence

import streamlit as st

from emnist_core import data
from emnist_core.errors import EmnistError
from emnist_core.evaluation.predictions import Evaluation, evaluate, fits, stored, stored_evaluations
from emnist_core.runs import Run


def choose(run: Run, key: str = "data") -> tuple[Evaluation, data.Dataset | None]:
    """The evaluation to look at and the images that count in it, where they are on this machine.

    The default is an evaluation whose images are here. Image ``i`` is the one that ``true[i]`` is about: what the
    run was trained on is in neither.
    """
    # What is evaluated or fetched later does not change the titles, so a link to them stays good.
    kept = {title_of(e): e for e in stored_evaluations(run)}
    here = {title(d.name, d.part, len(d)): d for d in on_this_machine(run)}
    titles = list(kept | here)
    first = next((number for number, name in enumerate(titles) if name in here), 0)
    chosen = st.selectbox("Evaluated on", titles, index=first, key=key, bind="query-params")
    if chosen not in here:
        return kept[chosen], None
    evaluation = evaluated(run, here[chosen])
    return evaluation, evaluation.images_of(here[chosen])


def title(name: str, part: str, n: int) -> str:
    """What an evaluation is called in the select box and in the URL."""
    return f"{name}, {part} (n = {n:,})"


def title_of(evaluation: Evaluation) -> str:
    """What this evaluation is called there."""
    return title(evaluation.data_name, evaluation.part, evaluation.n + (evaluation.left_out or 0))


def say_what_was_left_out(evaluation: Evaluation) -> None:
    """Say how many images the run was trained on and are left out, or that nobody knows."""
    if evaluation.left_out is None:
        st.caption("It is not recorded what this run was trained on, so nothing could be left out.")
    elif evaluation.left_out:
        given = evaluation.n + evaluation.left_out
        st.caption(f"{evaluation.left_out:,} of {given:,} images were in this run's training and are left out.")


def on_this_machine(run: Run) -> list[data.Dataset]:
    """Test parts that the run fits: the fetched ones, then the sample."""
    installed = data.installed()
    splits = [row.split for row in installed.itertuples() if row.part == "test" and fits(run, str(row.split))]
    found = [data.load(str(split), "test", "emnist") for split in splits]
    if run.recipe.split != "byclass":
        found.append(data.load(run.recipe.split, "test", "sample"))
    return found


def evaluated(run: Run, dataset: data.Dataset) -> Evaluation:
    """The run's evaluation; where it has to be made, a bar shows how far it is."""
    bar = st.empty()

    def advance(share: float) -> None:
        bar.progress(share, f"Reading the images … {share:.0%}")

    found = evaluate(run, dataset, advance)
    bar.empty()
    return found


def on_same_images(evaluation: Evaluation, runs: Sequence[Run]) -> dict[str, Evaluation]:
    """By run name, what other runs answered to the very same images; runs that were trained on some are left out."""
    found: dict[str, Evaluation] = {}
    for run in runs:
        if run.name == evaluation.run_name or not fits(run, evaluation.split):
            continue
        kept = [e for e in stored_evaluations(run) if e.data_sha256 == evaluation.data_sha256]
        same = [e for e in (one.at(evaluation.rows) for one in kept) if e.n == evaluation.n]
        if same:
            found[run.name] = same[0]
    return found


def not_yet_on(evaluation: Evaluation, runs: Sequence[Run]) -> list[tuple[Run, data.Dataset]]:
    """The runs that could read these images and have not, each with what it would read."""
    return [
        (run, dataset)
        for run in runs
        if fits(run, evaluation.split)
        for dataset in on_this_machine(run)
        if dataset.sha256 == evaluation.data_sha256 and _lacks(run, dataset)
    ]


def _lacks(run: Run, dataset: data.Dataset) -> bool:
    try:
        return stored(run, dataset) is None
    except EmnistError:
        return False


def without_images(evaluation: Evaluation) -> None:
    """Say that the predictions are here and the images are not, and what brings them."""
    st.info(
        f"The predictions are here, the images of {evaluation.data_name} are not: "
        f"`python -m emnist_core fetch {evaluation.split} --part {evaluation.part}` brings EMNIST's.",
        icon=":material/image_not_supported:",
    )
