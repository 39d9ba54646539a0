"""The tables of the report's part on trainings."""

from pathlib import Path

from nullfit.results.settings import Setting
from nullfit.results.study import Run
from nullfit.tasks.train.section import Trainings, _spread_by_part


def trainings(make_config, *seeds: dict[str, int]) -> Trainings:
    runs = [
        Run(
            Path(str(number)),
            {
                "status": "completed",
                "metrics": {"train/accuracy": 1.0, "test/accuracy": number / 10},
            },
            {"seed": 0, "seeds": own},
        )
        for number, own in enumerate(seeds)
    ]
    made = Trainings(runs, make_config())
    setting = Setting("mlp_1x512", "digits", "random_labels", "random labels", 1.0, runs)
    made.__dict__["settings"] = [setting]
    return made


def test_the_spread_by_part_stands_beside_what_it_is_of(make_config) -> None:
    seeds = [{"corruption": n % 2, "initialization": n // 2} for n in range(4)]
    (section,) = _spread_by_part(trainings(make_config, *seeds))
    assert section.table is not None
    test = section.table.iloc[1]
    assert (test["network"], test["corruption"]) == ("MLP 1×512", "random labels")
    assert test["by corruption"] == "± 7.07 (2)"  # of 0 and 10 %, 20 and 30 %
    assert test["by initialization"] == "± 14.14 (2)"
    assert "by order" not in section.table


def test_seeds_of_everything_at_once_have_no_such_table(make_config) -> None:
    assert _spread_by_part(trainings(make_config, {}, {})) == []
