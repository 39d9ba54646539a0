"""The tasks that look at networks, data and studies."""

from pathlib import Path

import pandas
import pytest
import torch

from nullfit.data.subset import one_of_each_class
from nullfit.errors import UserError
from nullfit.tasks.evaluate import evaluate
from nullfit.tasks.show import ShowSettings, show
from nullfit.tasks.summary import summary
from nullfit.tasks.table import table
from nullfit.tasks.train.task import train


@pytest.fixture
def study(tiny_config, tmp_path: Path) -> Path:
    """Two corruptions, two seeds, one unfinished run."""
    for corruption in ("none", "random_labels"):
        for seed in (0, 1):
            config = tiny_config(f"corruption={corruption}", f"seed={seed}", "trainer.max_epochs=2")
            train(config, tmp_path / "outputs/default" / config.job)
    unfinished = tmp_path / "outputs/default/unfinished-job"
    unfinished.mkdir()
    (unfinished / "config.yaml").write_text("seed: 0\n")
    return tmp_path / "outputs/default"


def test_evaluate_gives_the_metrics_of_the_run(tiny_config, tmp_path: Path) -> None:
    config = tiny_config("corruption=random_labels", "trainer.max_epochs=3")
    trained = train(config, tmp_path / "run")
    found = evaluate(config, tmp_path / "evaluation", checkpoint=str(tmp_path / "run"))
    measured = {k: v for k, v in trained["metrics"].items() if not k.startswith("weights/")}
    assert found["metrics"] == pytest.approx(measured)
    confusion = torch.tensor(found["confusion_matrix"])
    assert confusion.sum() == 100
    by_class = torch.tensor(list(found["accuracy_by_class"].values()))
    torch.testing.assert_close(by_class, confusion.diagonal() / confusion.sum(1))


def test_evaluate_measures_further_test_sets(tiny_config, tmp_path: Path, capsys) -> None:
    config = tiny_config("trainer.max_epochs=3", "data.test_corruptions=[random_pixels]")
    trained = train(config, tmp_path / "run")
    capsys.readouterr()
    found = evaluate(config, tmp_path / "evaluation", checkpoint=str(tmp_path / "run"))
    counts = torch.tensor(found["confusion_matrix_random_pixels"])
    by_class = found["accuracy_by_class_random_pixels"]
    accuracy = trained["metrics"]["test_random_pixels/accuracy"]
    assert found["metrics"]["test_random_pixels/accuracy"] == accuracy
    assert counts.trace() / counts.sum() == pytest.approx(accuracy)
    assert by_class == pytest.approx(
        {str(k): float(counts[k, k] / counts[k].sum()) for k in range(10)}
    )
    assert by_class != found["accuracy_by_class"]
    assert "test set under random_pixels: rows are true classes" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.ckpt", None, "does not exist"),
        ("text.ckpt", b"hello", "damaged or no checkpoint"),
        ("empty.ckpt", b"", "damaged or no checkpoint"),
    ],
)
def test_a_checkpoint_that_cannot_be_read(tiny_config, tmp_path, name, content, message) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=message):
        evaluate(tiny_config(), tmp_path / "e", checkpoint=str(tmp_path / name))
    assert not (tmp_path / "e").exists()


class Hostile:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


def test_a_checkpoint_runs_no_code(tiny_config, tmp_path: Path) -> None:
    torch.save({"state_dict": Hostile(tmp_path / "owned")}, tmp_path / "hostile.ckpt")
    with pytest.raises(UserError, match="damaged or no checkpoint"):
        evaluate(tiny_config(), tmp_path / "e", checkpoint=str(tmp_path / "hostile.ckpt"))
    assert not (tmp_path / "owned").exists()


def test_a_checkpoint_of_another_network_is_refused(tiny_config, tmp_path: Path) -> None:
    train(tiny_config("trainer.max_epochs=1"), tmp_path / "run")
    with pytest.raises(UserError, match="does not fit model=mlp_3x512"):
        evaluate(tiny_config("model=mlp_3x512"), tmp_path / "e", checkpoint=str(tmp_path / "run"))


def test_evaluate_without_a_checkpoint_says_what_to_give(tiny_config, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="needs checkpoint=…"):
        evaluate(tiny_config(), tmp_path, checkpoint=None)


def test_table_has_mean_and_deviation_over_seeds(study: Path, tiny_config, capsys) -> None:
    table(tiny_config(), study / "table")
    numbers = pandas.read_csv(study / "table/table.csv")
    assert numbers["corruption"].tolist() == ["true labels", "random labels"]
    assert numbers["n"].tolist() == [2, 2]
    accuracies = [
        pandas.read_csv(path)["test/accuracy"].iloc[-1]
        for path in study.glob("*-none-seed*/metrics.csv")
    ]
    assert numbers["test accuracy mean"][0] == pytest.approx(pandas.Series(accuracies).mean())
    assert numbers["test accuracy sd"][0] == pytest.approx(pandas.Series(accuracies).std())
    markdown = (study / "table/table.md").read_text().splitlines()
    assert markdown[0].startswith("| model | corruption | n | changed labels % | train % |")
    assert len(markdown) == 4
    told = [line for line in capsys.readouterr().out.splitlines() if "unfinished-job" in line]
    assert len(told) == 1
    assert told[0].startswith("  1 run unfinished, not in the table, ")
    assert told[0].endswith(": no result: interrupted or still running")


def test_table_keeps_other_settings_apart(study: Path, tiny_config, tmp_path: Path) -> None:
    config = tiny_config("optimizer.lr=0.5", "trainer.max_epochs=2")
    train(config, study / config.job)
    table(tiny_config(), study / "table")
    numbers = pandas.read_csv(study / "table/table.csv")
    assert numbers["n"].tolist() == [2, 1, 2]
    assert numbers["optimizer.lr"].tolist() == [0.01, 0.5, 0.01]


def test_table_tells_the_strengths_of_a_corruption_apart(tiny_config, tmp_path: Path) -> None:
    for probability in (0.2, 0.8):
        config = tiny_config(
            "corruption=random_labels",
            f"corruption.probability={probability}",
            "trainer.max_epochs=1",
        )
        train(config, tmp_path / "outputs/default" / config.job)
    table(tiny_config(), tmp_path / "table")
    labels = pandas.read_csv(tmp_path / "table/table.csv")["corruption"].tolist()
    assert labels == ["random labels 20 %", "random labels 80 %"]


def test_a_study_that_does_not_exist(tiny_config, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"study=none-such does not exist.* There are none here"):
        table(tiny_config("study=none-such"), tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_show_draws_the_chosen_corruptions(tiny_config, tmp_path: Path) -> None:
    wanted = ShowSettings(corruptions=["none", "random_labels"], samples=3)
    show(tiny_config("corruption=gaussian"), tmp_path, show=wanted)
    assert (tmp_path / "samples.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(UserError, match="Did you mean gaussian"):
        show(tiny_config(), tmp_path, show=ShowSettings(corruptions=["gausian"], samples=3))


def test_samples_come_one_of_each_class() -> None:
    labels = torch.tensor([2, 2, 0, 1, 0, 2])
    assert one_of_each_class(labels, 5).tolist() == [2, 3, 0, 4, 1]


def test_summary_adds_up(tiny_config, tmp_path: Path, capsys) -> None:
    summary(tiny_config("model=inception"), tmp_path / "s")
    assert "1,647,674" in capsys.readouterr().out  # one input channel instead of three
    assert not (tmp_path / "s").exists()
