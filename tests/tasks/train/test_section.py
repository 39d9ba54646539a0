"""The tables of the report's part on trainings."""

from pathlib import Path

import pytest

from nullfit.results.settings import Setting, settings_of
from nullfit.results.study import Run, read_config
from nullfit.tasks.train.section_learning_curves import norms_section, starts_section
from nullfit.tasks.train.section_tables import paired_section, spread_section
from nullfit.tasks.train.task import train
from nullfit.tasks.train.trainings import Trainings
from tests.charts.drawn import draw, entries_of, frames_of
from tests.results.by_hand import trained as never_trained


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
    (section,) = spread_section(trainings(make_config, *seeds))
    assert section.table is not None
    test = section.table.iloc[1]
    assert (test["network"], test["corruption"]) == ("MLP 1×512", "random labels")
    assert test["by corruption"] == "± 7.07 (2)"  # of 0 and 10 %, 20 and 30 %
    assert test["by initialization"] == "± 14.14 (2)"
    assert "by order" not in section.table


def test_seeds_of_everything_at_once_have_no_such_table(make_config) -> None:
    assert spread_section(trainings(make_config, {}, {})) == []


def test_differences_by_seed_are_drawn_with_their_intervals(make_config, tmp_path: Path) -> None:
    levels = {0.0: (0.9, 0.8), 0.5: (0.5, 0.6), 1.0: (0.1, 0.12)}
    runs = [
        never_trained(
            tmp_path,
            corruption="random_labels" if level else "none",
            probability=level or None,
            seed=seed,
            test=test,
        )
        for level, tests in levels.items()
        for seed, test in enumerate(tests)
    ]
    (section,) = paired_section(Trainings(runs, make_config()))
    assert section.table is not None
    assert section.table["less"].tolist() == ["true labels"] * 2 + ["random labels 50 %"]
    (figure,) = section.figures
    names = ["less that of the reference", "differ in one key"]  # each on its own axis
    for panel, name in zip(figure.figure.panels, names, strict=True):
        assert panel.title.endswith(name)
    reference, one_key = (frames_of(panel) for panel in figure.figure.panels)
    drawn = next(frame for frame in reference if "pairs" in frame)
    assert drawn["mean"].tolist() == pytest.approx([-0.3, -0.74])
    assert (drawn["low"] < drawn["mean"]).all()
    other = next(frame for frame in one_key if "pairs" in frame)
    assert other["mean"].tolist() == pytest.approx([-0.44])
    draw(figure.figure)


def test_one_common_seed_is_no_difference_by_seed(make_config, tmp_path: Path) -> None:
    runs = [never_trained(tmp_path, corruption=name) for name in ("none", "gaussian")]
    assert paired_section(Trainings(runs, make_config())) == []


def test_trainings_with_other_first_weights_stand_side_by_side(tiny_config, tmp_path: Path) -> None:
    words = ("model=mlp", "model.hidden=[8]", "trainer.max_epochs=2")

    def trained(*more: str) -> Run:
        config = tiny_config(*words, *more)
        folder = tmp_path / "outputs" / config.study / config.job
        return Run(folder, train(config, folder), read_config(folder))

    noise = [trained("corruption=random_labels", "study=noise", f"seed={n}") for n in (0, 1)]
    start = f"start.run={noise[0].folder.parent}"
    runs = [trained(*more, f"seed={n}") for more in ([], [start]) for n in (0, 1)]
    made = Trainings(runs, tiny_config())
    networks = [setting.network for setting in settings_of(runs)]
    assert networks[0] == "mlp"
    assert networks[1].startswith(f"mlp, start={str(noise[0].folder.parent)[:20]}")
    assert [len(setting.runs) for setting in made.settings] == [2, 2]
    (section,) = starts_section(made)
    (named,) = section.figures
    assert named.stem == "starts"
    assert [entry.split(",")[0] for entry in entries_of(named.figure)] == ["MLP", "MLP"]
    frame = frames_of(named.figure.panels[-1])[0]
    first = [run.epochs()["test/accuracy"][0] for run in runs]
    found = frame[frame["epoch"] == 1]["mean"].tolist()
    assert found == pytest.approx([sum(first[:2]) / 2, sum(first[2:]) / 2])
    draw(named.figure)
    assert starts_section(Trainings(runs[:2], tiny_config())) == []


def test_margins_stand_beside_norms_where_each_epoch_has_them(tiny_config, tmp_path: Path) -> None:
    def drawn(*more: str) -> list[str]:
        config = tiny_config("model=mlp", "model.hidden=[8]", "trainer.max_epochs=3", *more)
        folder = tmp_path / config.job
        run = Run(folder, train(config, folder), read_config(folder))
        (section,) = norms_section(Trainings([run], config))
        ((named,), told) = section.figures, section.text[0]
        titles = [panel.title for panel in named.figure.panels]
        assert ("margin" in told) == ("margin of the training samples" in titles)
        if len(titles) == 4:
            shown = frames_of(named.figure.panels[-1])[0]
            assert shown["mean"].tolist() == run.epochs()["train/margin"].tolist()
        draw(named.figure)
        return titles

    assert len(drawn("trainer.evaluate_train_every=3")) == 3
    assert drawn()[-1].startswith("margin")
