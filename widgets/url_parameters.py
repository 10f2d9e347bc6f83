"""What may stand in each page's address: one table, which links and tests read.

A parameter is the key of the widget that shows it. Widgets of all pages live in one session, so a name that two pages
have must mean the same on both; a test holds the table to the code and to that.
"""

RUN = "the run that is looked at"
DATA = "what it was evaluated on"
TRUE, READ = "the class that was written", "the class that was read"
SPLIT = "the split of EMNIST"
KIND = "EMNIST or the bundled sample"
VIEW = "the page's view that is open"
PAGE = "which page of the images"
EPOCH = "the epoch that is looked at"
SPACE = "in what images are compared: pixels or the model's features"
METHOD = "how the strokes that decided are found"

PARAMETERS: dict[str, dict[str, str]] = {
    "home": {},
    "explore": {
        "split": SPLIT,
        "part": "the part of the split",
        "class": "the class that is looked at",
        "source": KIND,
        "tab": "the section that is open",
        "draw": "which images at random",
        "ink": "how much ink images have, in percent of full",
        "statistic": "mean image or deviation",
        "likeness": "how likeness of classes is measured",
        "map": "how the map is made",
        "points": "how many images the map has",
        "picked": "the classes picked out on the map",
        "near": "how different images may be to count as nearly the same",
        "two-labels": "whether only twins of two classes are shown",
        "odd": "from where on an image is odd",
    },
    "train": {
        "model": "the architecture to train",
        "split": SPLIT,
        "source": KIND,
        "optimizer": "the optimizer",
        "schedule": "the learning rate's schedule",
        "batch": "the batch size",
        "epochs": "the number of epochs",
        "augmentation": "how training images are varied",
        "run": RUN,
    },
    "confusion": {
        "run": RUN,
        "data": DATA,
        "true": TRUE,
        "pred": READ,
        "view": VIEW,
        "page": PAGE,
        "epoch": EPOCH,
        "cells": "what the cells show",
        "errors": "whether the diagonal is left out",
        "scale": "how colour grows",
        "order": "how classes are ordered",
        "large": "whether the matrix is shown large",
        "only": "the classes that the matrix shows",
        "merged": "whether ByClass is seen as ByMerge",
        "groups": "look-alikes that are merged",
        "kinds": "kinds of classes that are one class each",
        "sort": "how a cell's images are sorted",
        "with": "the run that is compared",
        "agreed": "whether all models must agree on a suspect",
    },
    "pair": {
        "pair_run": "the run whose answers to the two classes are looked at",
        "pair_data": "what that run was evaluated on",
        "a": "one class",
        "b": "the other class",
        "aspect": "the view of the two classes that is open",
        "page": PAGE,
        "epoch": EPOCH,
        "space": SPACE,
        "method": METHOD,
        "quiz": "the round of the quiz",
        "at": "where between the classes images are shown",
        "point": "the row of the image picked on the map",
        "from": "which image of one class, the surest first",
        "to": "which image of the other class, the surest first",
    },
    "architecture": {
        "network": "the network",
        "look": "a test image or the last sketch",
        "images": KIND,
        "image_row": "the row of the test image",
        "layer": "the layer",
        "maps": "which page of the feature maps",
    },
    "experiments": {"table": "the sweep", "experiment": "the row of the sweep"},
    "runs": {
        "runs": "the runs that are picked",
        "find": "words that a run's row must have",
        "whose": "one's own runs, those that ship, the archived, or all",
    },
    "image": {
        "of": "the run whose answer is looked at",
        "on": "the evaluation that the image is from",
        "row": "the image's row in its data",
        "space": SPACE,
        "method": METHOD,
    },
    "sketch": {
        "way": "draw, write a word, upload, or a test image",
        "pen": "the pen's width",
        "word_pen": "the pen's width for a word",
        "test_part": "the test part that an image is changed of",
        "test_row": "the row of that image",
    },
}
"""By page, what its address may say, and what that means."""
