"""The process behind ``queue``: ``python -m emnist_core.explore.worker JOB``, a job's fields as JSON."""

import json
import os
import sys

import pandas as pd

from emnist_core import data
from emnist_core.errors import EmnistError
from emnist_core.explore import atlas, duplicates, outliers, queue
from emnist_core.explore.jobs import Job


def compute(job: Job) -> pd.DataFrame:
    """What ``job`` asks for, in this process; raises ``EmnistError`` when it cannot be had."""
    if job.kind == "duplicates":
        return duplicates.duplicates(
            data.load(job.split, "test", job.dataset_kind), data.load(job.split, "train", job.dataset_kind)
        )
    dataset = data.load(job.split, job.part, job.dataset_kind)
    if job.kind == "outliers":
        return outliers.outliers(dataset)
    return atlas.atlas(dataset, job.kind, job.most)


def main() -> None:
    """Compute the job that the command line names."""
    job = Job(**json.loads(sys.argv[1]))
    if hasattr(os, "nice"):
        os.nice(5)  # the page comes first
    try:
        job.finish(compute(job))
    except EmnistError as error:
        job.fail(str(error))
    except Exception as error:
        job.fail(f"It could not be computed ({type(error).__name__}); try fewer images.")
        raise
    finally:
        queue.leave(job)


if __name__ == "__main__":
    main()
