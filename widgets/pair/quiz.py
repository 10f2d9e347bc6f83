"""The quiz: twenty images of two classes, the visitor's answers, and every model on the same images.

Answers are kept in the visitor's own session and nowhere else.
"""

from collections.abc import Mapping

import streamlit as st

from emnist_core import charts
from emnist_core.data import Dataset
from emnist_core.evaluation import quiz
from emnist_core.evaluation.evaluation import Evaluation
from emnist_core.evaluation.intervals import share_in_words
from widgets.parts import tiles


@st.fragment
def show(evaluation: Evaluation, others: Mapping[str, Evaluation], dataset: Dataset, first: int, second: int) -> None:
    """Ask for one image after another; then set the visitor beside the models."""
    number = st.number_input(
        "Round", 1, key="quiz", bind="query-params", width=130, help="The same round draws the same images, for anyone."
    )
    rows = quiz.draw(evaluation.true, first, second, number)
    answers: dict[int, int] = st.session_state.setdefault(f"answers-{dataset.sha256}-{first}-{second}-{number}", {})
    left = [int(row) for row in rows if int(row) not in answers]
    if left:
        _ask(dataset, evaluation.labels, left[0], answers, (first, second), len(rows))
        if len(answers) < 2:
            return
    _result(evaluation, others, dataset, answers, (first, second), is_over=not left)


def _ask(
    dataset: Dataset, labels: tuple[str, ...], row: int, answers: dict[int, int], pair: tuple[int, int], count: int
) -> None:
    """One image and the two answers."""
    st.markdown(f"#### Image {len(answers) + 1} of {count}: which is it?")
    tiles.grid([tiles.Tile(dataset.images[row], note="what is it?")], scale=6)
    with st.container(horizontal=True):
        for chosen in pair:
            st.button(
                f"`{labels[chosen]}`",
                key=f"answer-{labels[chosen]}",
                on_click=answers.__setitem__,
                args=(row, chosen),
                width=90,
                shortcut=("Left", "Right")[pair.index(chosen)],
            )
    st.progress(len(answers) / count)
    st.caption("Your answers stay in this session. The arrow keys answer too.")


def _result(
    evaluation: Evaluation,
    others: Mapping[str, Evaluation],
    dataset: Dataset,
    answers: dict[int, int],
    pair: tuple[int, int],
    is_over: bool,
) -> None:
    """The visitor beside the models, and what that says about what is possible."""
    models = {evaluation.run_name: evaluation} | dict(others)
    table = quiz.scores(answers, models, evaluation.true, *pair)
    if not is_over:
        st.caption(f"So far: {share_in_words(int(table['right'][0]), len(answers))}")
        return
    names = [evaluation.labels[c] for c in pair]
    st.markdown(f"#### You: {share_in_words(int(table['right'][0]), len(answers))}")
    st.plotly_chart(
        charts.shares(table, "who"),
        key="quiz-scores",
        config={"displayModeBar": False},
        alt="Share read rightly by you and by every model on the same images, with 95 % intervals.",
    )
    st.markdown(
        ceiling_in_words(quiz.ceiling(evaluation, *pair, int(table["right"][0]), len(answers)), evaluation, names)
    )
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


def ceiling_in_words(found: quiz.Ceiling, evaluation: Evaluation, names: list[str]) -> str:
    """What the answers imply, with the doubt that twenty images leave."""
    return (
        f"**The ceiling this implies.** Between {names[0]} and {names[1]} {evaluation.run_name} is right on "
        f"{found.pair_accuracy:.1%} of {found.pair_n:,} images. If a model told the two apart exactly as well as "
        f"you did here, {evaluation.run_name}'s accuracy on the whole test part would be **{found.middle:.2%}** "
        f"(95 %: {found.low:.2%} to {found.high:.2%}) instead of {found.now:.2%}. What lies above that is not a "
        "better model's to win on this pair: the shape alone does not tell, and the label came from context. "
        "Twenty images leave a wide interval; more rounds narrow it."
    )


def _next() -> None:
    st.session_state["quiz"] += 1
