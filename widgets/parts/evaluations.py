"""Choosing what a run was evaluated on, with the images where they are on this machine."""

import streamlit as st

from emnist_core import data, hosting
from emnist_core.evaluation.comparison import test_parts
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.store import evaluate, stored_evaluations
from emnist_core.runs import Run


def choose(run: Run, key: str = "data") -> tuple[Evaluation, data.Dataset | None]:
    """The evaluation to look at and the images that count in it, where they are on this machine.

    The default is an evaluation whose images are here. Image ``i`` is the one that ``true[i]`` is about: what the
    run was trained on is in neither.
    """
    # What is evaluated or fetched later does not change the titles, so a link to them stays good.
    stored = {e.title: e for e in stored_evaluations(run)}
    here = {d.title: d for d in test_parts(run)}
    chosen = st.selectbox("Evaluated on", list(here | stored), key=key, bind="query-params")
    st.session_state["last-data"] = chosen
    if chosen not in here:
        return stored[chosen], None
    evaluation = evaluated(run, here[chosen])
    return evaluation, evaluation.images_of(here[chosen])


def say_what_it_is_of(evaluation: Evaluation) -> None:
    """Say where the images are not EMNIST's, and how many were left out since the run was trained on them."""
    if evaluation.is_sample:
        st.caption(":material/info: These are images of the **bundled sample** (fonts), not of EMNIST.")
    if evaluation.left_out is None:
        st.caption("It is not recorded what this run was trained on, so nothing could be left out.")
    elif evaluation.left_out:
        given = evaluation.n + evaluation.left_out
        st.caption(f"{evaluation.left_out:,} of {given:,} images were in this run's training and are left out.")


def evaluated(run: Run, dataset: data.Dataset) -> Evaluation:
    """The run's evaluation; where it has to be made, a bar shows how far it is."""
    bar = st.empty()

    def advance(share: float) -> None:
        bar.progress(share, f"Reading the images … {share:.0%}")

    evaluation = evaluate(run, dataset, advance)
    bar.empty()
    return evaluation


def without_images(evaluation: Evaluation) -> None:
    """Say that the predictions are here and the images are not, and what brings them."""
    st.info(
        f"The predictions are here, the images of {evaluation.data_name} are not: "
        f"`python -m emnist_core fetch {evaluation.split} --part {evaluation.part}` brings EMNIST's.",
        icon=":material/image_not_supported:",
    )


def read_on_request(run: Run, dataset: data.Dataset) -> bool:
    """Offer to have a run read these images too; whether it just has."""
    refusal = hosting.refusal("compute")
    label = f"Have {run.name} read these images too"
    if not st.button(label, key=f"read-{run.name}", disabled=refusal is not None, help=refusal):
        return False
    evaluated(run, dataset)
    return True
