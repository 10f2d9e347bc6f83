"""The pair lab: two classes and why they are taken for one another; f and F to begin with."""

import streamlit as st

from emnist_core.evaluation import comparison, pair
from widgets import navigation, page
from widgets.pair import quiz
from widgets.pair import views as pair_views
from widgets.parts import clicks, epoch_by_epoch, evaluations, figures, matrix_cells, pickers
from widgets.parts.figures import Figure

VIEWS = {
    "Quiz": "**Look for** images that you could not name either: how many you name rightly is what a shape can tell.",
    "Shapes": "**Look for** where the two means differ: a stroke there tells which of the two it is.",
    "How sure?": "**Look for** images at the far end of the wrong side: the model is sure and wrong, or the label is.",
    "Map": "**Look for** crosses deep in the other class's cloud: the model sees no trace there of what was written.",
    "Twins": "**Look for** pairs that you would call one character: their labels cannot come from the shape.",
    "Way between": "**Look for** where the answer tips, and whether your own would tip at the same step.",
    "Models": "**Look for** intervals that do not overlap: there one model tells the two apart better than another.",
    "Training images": "**Look for** whether the lines still fall at the right end: then more images would help.",
    "Epoch by epoch": "**Look for** a line that falls while the other rises: the model only learned to prefer a class.",
}


def begin_where_one_was() -> None:
    """Begin with the run, the data and the cell that were looked at before, where the address says nothing.

    The names are this page's own: Streamlit loses a parameter on the way back between two pages that both bind it.
    """
    if "a" in st.session_state or set(navigation.PARAMETERS["pair"]) & set(st.query_params):
        return
    cell = dict(zip("ab", matrix_cells.last_cell() or (), strict=False))
    before = {"pair_run": st.session_state.get("last-run"), "pair_data": st.session_state.get("last-data")} | cell
    given = {key: value for key, value in before.items() if value}
    st.query_params.update(given)
    st.session_state.update(given)


begin_where_one_was()
page.header(
    "Pair lab",
    "Two classes that are taken for one another: could a better model tell them apart, or does the shape not say?",
)
clicks.listen("links")
with page.errors_in_words():
    available = pickers.servable_runs()
    first, second, third, fourth = st.columns([2, 4, 1, 1])
    with first:
        run = pickers.choose_run(available, "pair_run")
    with second:
        evaluation, dataset = evaluations.choose(run, "pair_data")
    with third:
        a = pickers.choose_label(evaluation.labels, "a", "One", "f") or 0
    with fourth:
        b = pickers.choose_label(evaluation.labels, "b", "Other", "F")
    classes = (a, (a + 1) % len(evaluation.labels) if b is None else b)
    if classes[0] == classes[1]:
        st.info("Choose two classes that differ.")
        st.stop()
    names = pair_views.names_of(evaluation, classes)
    evaluations.say_what_it_is_of(evaluation)
    frame = pair.leaning(evaluation, *classes)
    confusion = evaluation.confusion
    figures.show(
        Figure(f"{names[0]} read as {names[1]}", f"{confusion[classes]} of {confusion[classes[0]].sum()}"),
        Figure(f"{names[1]} read as {names[0]}", f"{confusion[classes[::-1]]} of {confusion[classes[1]].sum()}"),
        Figure("Right between the two", f"{frame['right'].mean() if len(frame) else 0:.1%}"),
        is_small=True,
    )
    # Not "view": what is chosen on Confusion is no view of this page.
    view = pickers.choose_one("View", list(VIEWS), key="aspect", is_named=False)
    st.markdown(VIEWS[view])
    others = comparison.on_same_images(evaluation, available)
    if view == "Models":
        pair_views.models({run.name: evaluation} | others, {r.name: r for r in available}, classes, names)
    elif view == "Training images":
        pair_views.training_images(evaluation, others, run, available, classes)
    elif view == "Epoch by epoch":
        history = epoch_by_epoch.open_epochs(run)
        if history is not None:
            epoch_by_epoch.show_pair(history, *classes)
    elif dataset is None:
        evaluations.without_images(evaluation)
    elif frame["true"].nunique() < 2:
        st.write("These data have no images of one of the two.")
    elif view == "Shapes":
        pair_views.shapes(evaluation, dataset, classes)
    elif view == "How sure?":
        pair_views.how_sure(evaluation, dataset, classes)
    elif view == "Map":
        pair_views.model_map(run, evaluation, dataset, classes)
    elif view == "Twins":
        pair_views.nearest_pairs(run, evaluation, dataset, classes)
    elif view == "Way between":
        pair_views.way_between(run, evaluation, dataset, classes)
    else:
        quiz.show(evaluation, others, dataset, *classes)
