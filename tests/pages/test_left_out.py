"""What a run was trained on is neither in its figures nor in its gallery."""

import numpy as np

from emnist_core import data, paths
from emnist_core.data import image_hashes
from emnist_core.runs import Run, checksums
from tests.helpers.pages import copy_run, open_page, shown_tiles, words

SEEN = 900


def test_images_of_the_training_are_left_out_and_the_others_keep_their_labels() -> None:
    copied = copy_run("lenet5", paths.own_runs() / "peeked")
    run = Run(copied)
    for folder in (copied / "evaluation").glob("*"):
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
    test = data.load("balanced", "test", "sample")
    with checksums.renewing(run.trained_on_file):
        image_hashes.save(run.trained_on_file, np.asarray(test.images[:SEEN]))
    again = int(image_hashes.known(test.images, image_hashes.read(run.trained_on_file)).sum())

    page = open_page("confusion", run="peeked", true="O", pred="0")

    assert f"{again:,} of {len(test):,} images were in this run's training and are left out." in words(page)
    kept = [row for row in range(len(test)) if row >= SEEN]
    shown = shown_tiles(page)
    assert shown
    assert all(tile.row in kept and test.split.labels[test.labels[tile.row]] == "O" for tile in shown)
