"""Published numbers stand beside studies that they have to do with."""

from pathlib import Path

import pandas
import pytest

from nullfit.results.published.scoreboard import beside, claims_nothing
from nullfit.results.study import Study
from nullfit.results.task_run import TaskRun


def _study(*runs: tuple[str, str]) -> Study:
    made = [
        TaskRun(
            Path(str(number)),
            {"task": "kernel", "status": "completed", "data": {"name": data}, "command": said},
            {},
        )
        for number, (data, said) in enumerate(runs)
    ]
    return Study("s", Path("s"), [], [], made)


@pytest.mark.parametrize(
    ("runs", "nothing"),
    [
        ([("image_folder", "nullfit data=image_folder")], True),
        ([("my_birds", "nullfit data=my_birds"), ("table", "nullfit data=table")], True),
        ([("image_folder", "python run.py -m experiment=table_1 data=image_folder")], False),
        ([("image_folder", "nullfit data=image_folder"), ("cifar10", "nullfit")], False),
        ([("digits", "nullfit")], False),
    ],
)
def test_data_of_ones_own_without_an_experiment_claim_nothing(runs, nothing) -> None:
    study = _study(*runs)
    assert claims_nothing(study) is nothing
    scores = pandas.DataFrame({"same_setup": [True, False]})
    assert len(beside(study, scores)) == (1 if nothing else 2)
