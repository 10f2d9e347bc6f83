"""The quiz: twenty images of two classes, the visitor's answers, and every model on the same images.

Answers are kept in the visitor's own session and nowhere else.
"""

from collections.abc import Mapping

import streamlit as st

from emnist_core import charts
from emnist_core.data import Dataset
from emnist_core.evaluation import pair
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.intervals import in_words, share_in_words, wilson
from widgets.parts import tiles


@st.fragment
def show(evaluation: Evaluation, others: Mapping[str, Evaluation], dataset: Dataset, first: int, second: int) -> None:
    """Ask for one image after another; then set the visitor beside the models."""
    number = st.number_input(
        "Round", 1, key="quiz", bind="query-params", width=130, help="The same round draws the same images, for anyone."
    )
    rows = pair.draw_quiz(evaluation.true, first, second, number)
    answers: dict[int, int] = st.session_state.setdefault(f"answers-{dataset.sha256}-{first}-{second}-{number}", {})
    left = [int(row) for row in rows if int(row) not in answers]
    if left:
        _ask(dataset, evaluation.labels, left[0], answers, (first, second), len(rows))
        if len(answers) < 2:
            return
    _result(evaluation, others, dataset, answers, (first, second), is_over=not left)


def _ask(
    dataset: Dataset, labels: tuple[str, ...], row: int, answers: dict[int, int], classes: tuple[int, int], count: int
) -> None:
    """One image and the two answers."""
    st.subheader(f"Image {len(answers) + 1} of {count}: which is it?", anchor=False)
    tiles.grid([tiles.Tile(dataset.images[row], note="what is it?")], scale=6)
    with st.container(horizontal=True):
        for chosen in classes:
            st.button(
                f"`{labels[chosen]}`",
                key=f"answer-{labels[chosen]}",
                on_click=answers.__setitem__,
                args=(row, chosen),
                width=90,
                shortcut=("Left", "Right")[classes.index(chosen)],
            )
    st.progress(len(answers) / count)
    st.caption("Your answers stay in this session. The arrow keys answer too.")


def _result(
    evaluation: Evaluation,
    others: Mapping[str, Evaluation],
    dataset: Dataset,
    answers: dict[int, int],
    classes: tuple[int, int],
    is_over: bool,
) -> None:
    """The visitor beside the models, and what that says about what is possible."""
    models = {evaluation.run_name: evaluation} | dict(others)
    table = pair.quiz_scores(answers, models, evaluation.true, *classes)
    if not is_over:
        st.caption(f"So far: {share_in_words(int(table['right'][0]), len(answers))}")
        return
    names = [evaluation.labels[c] for c in classes]
    st.subheader(f"You: {share_in_words(int(table['right'][0]), len(answers))}", anchor=False)
    st.plotly_chart(
        charts.shares(table, "who"),
        key="quiz-scores",
        config={"displayModeBar": False},
        alt="Share read rightly by you and by every model on the same images, with 95 % intervals.",
    )
    right = int(table["right"][0])
    found = pair.ceiling(evaluation, *classes, right, len(answers))
    st.markdown(conclusion(found, evaluation, names, right, len(answers)))
    st.button("Twenty others", icon=":material/refresh:", on_click=_next, key="quiz-next")
    labels = evaluation.labels
    tiles.grid(
        [
            tiles.Tile(
                dataset.images[place],
                labels[evaluation.true[place]],
                labels[chosen],
                note=f"row {evaluation.rows[place]}, your answer",
            )
            for place, chosen in answers.items()
        ]
    )


def conclusion(found: pair.Ceiling, evaluation: Evaluation, names: list[str], right: int, n: int) -> str:
    """What the answers imply, and no more than so few of them can."""
    low, high = wilson(right, n)
    model = (
        f"Between {names[0]} and {names[1]} {evaluation.run_name} is right on {found.pair_accuracy:.1%} of "
        f"{found.pair_n:,} images."
    )
    if low <= 0.5:
        return (
            f"**No conclusion.** A coin, right on half, does as well often enough: {n} such answers say nothing about "
            f"what the shape tells. {model} More rounds say more."
        )
    if high < found.pair_accuracy:
        return (
            f"**No ceiling.** {model} That is more than you: the shape tells more than you saw in it, so your answers "
            "are no limit to a better model."
        )
    implied = (
        f"{model} If a model told the two apart exactly as well as you did here, {evaluation.run_name}'s accuracy on "
        f"the whole test part would be **{found.middle:.2%}** (95 %: {in_words(found.low, found.high)}) instead of "
        f"{found.now:.2%}."
    )
    if low > found.pair_accuracy:
        return f"**Room above the model.** {implied} So much a better model could win on this pair alone."
    return (
        f"**The ceiling this implies.** {implied} You and the model cannot be told apart by {n} images, so a better "
        "model may win nothing on this pair: then the shape alone does not tell. More rounds narrow the interval."
    )


def _next() -> None:
    st.session_state["quiz"] += 1
