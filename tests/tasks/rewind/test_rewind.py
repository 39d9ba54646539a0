"""``task=rewind``: layers put back to kept epochs, and what is lost by it."""

from pathlib import Path

import numpy as np
import pandas
import pytest
import torch
from torch import nn

from nullfit.errors import UserError
from nullfit.models import WideResNet
from nullfit.results.result import read_arrays, read_result
from nullfit.results.study import read_config
from nullfit.results.task_run import TaskRun
from nullfit.runs.preflight.look import Look
from nullfit.tasks.rewind.accuracies import Accuracies
from nullfit.tasks.rewind.layers import layers_of, put_back
from nullfit.tasks.rewind.section import sections
from nullfit.tasks.rewind.task import RewindSettings, refuse_beforehand, rewind
from nullfit.training.checkpoint_format import read_checkpoint
from tests import trainings
from tests.charts.drawn import draw, frames_of
from tests.command_line import carry_out
from tests.conftest import TINY
from tests.report.by_hand import material

NOISE = ("corruption=random_labels", "corruption.probability=0.4")
RUN = (*NOISE, "trainer.max_epochs=4", "trainer.keep_epochs=[0,1,4]")
MLP = ("model=mlp", "model.hidden=[16,16]")


@pytest.fixture
def trained(tiny_config, tmp_path):
    """The folder of a finished training."""

    def of(*words: str) -> Path:
        config = tiny_config(*RUN, *words)
        folder = tmp_path / "outputs" / "first" / config.job
        return trainings.trained(config, folder)

    return of


@pytest.fixture
def rewound(tiny_config, tmp_path):
    """Puts the layers of a run back, and gives the folder and the result."""

    def of(run: object, *words: str) -> tuple[Path, dict]:
        config = tiny_config("task=rewind", f"rewind.run={run}", *words)
        settings = RewindSettings.model_validate(config.task_settings["rewind"])
        folder = tmp_path / "rewound" / config.job
        refuse_beforehand(config, Look(elsewhere=False), rewind=settings)
        assert not folder.exists()
        return folder, rewind(config, folder, rewind=settings)

    return of


@pytest.mark.parametrize(
    ("model", "layers"),
    [
        (MLP, ["hidden.1", "hidden.4", "head"]),
        (("model=wide_resnet_10", "data.train_limit=60", "rewind.depth=1"), ["trunk", "head"]),
    ],
    ids=["mlp", "batch norm"],
)
def test_all_layers_together_are_the_network_of_the_epoch(trained, rewound, model, layers) -> None:
    run = trained(*[word for word in model if not word.startswith("rewind")])
    folder, result = rewound(run, *NOISE, *model)
    assert result["rewind"]["layers"] == layers
    assert result["rewind"]["epochs"] == [0, 1, 4]
    found = Accuracies.of_arrays(read_arrays(folder))
    assert found is not None
    rows = pandas.read_csv(run / "metrics.csv").set_index("epoch").loc[[1, 4]]
    parts = {"untouched": "train/accuracy_untouched", "corrupted": "train/accuracy_corrupted"}
    for part, column in {**parts, "test": "test/accuracy"}.items():
        measured = getattr(found, part)[-1, 1:]
        written = rows[column].notna()  # the training set is not measured after each epoch of these
        assert written.iloc[-1]
        assert measured[written] == pytest.approx(rows[column][written].to_numpy())
        ends = getattr(found, part)[:, -1]  # epoch 4 is the end: nothing is put back
        assert ends == pytest.approx(np.full(len(layers) + 1, rows[column][4]))
        assert result["metrics"][column] == rows[column][4]
    assert (folder / "rewind.png").is_file()
    assert read_result(folder) == result


def test_one_layer_is_put_back_and_the_others_stay(trained, rewound) -> None:
    """Computed again with numpy, from the files alone."""
    run = trained(*MLP)
    folder, _ = rewound(run, *NOISE, *MLP)
    final, first = (
        read_checkpoint(run / "checkpoints" / f"{name}.ckpt")["state_dict"]
        for name in ("final", "epoch_1")
    )
    from nullfit import assembly
    from nullfit.config.schema import RunConfig

    data = assembly.randomized_data(RunConfig.model_validate(read_config(run)))
    images = data.train.images.flatten(1).double().numpy()
    labels, true = data.train.labels.numpy(), data.train.true_labels.numpy()
    mixed = {k: (first if k.startswith("hidden.4") else final)[k].double().numpy() for k in final}
    for layer in ("hidden.1", "hidden.4"):
        images = np.maximum(images @ mixed[f"{layer}.weight"].T + mixed[f"{layer}.bias"], 0)
    right = (images @ mixed["head.weight"].T + mixed["head.bias"]).argmax(1) == labels
    arrays = read_arrays(folder)
    changed = labels != true
    assert 0 < changed.sum() < len(labels)
    assert arrays["rewind_corrupted"][1, 1] == pytest.approx(right[changed].mean())
    assert arrays["rewind_untouched"][1, 1] == pytest.approx(right[~changed].mean())


def test_layers_hold_every_value_once_and_moments_go_with_their_norm() -> None:
    network = WideResNet((1, 8, 8), 10, depth=10, width=1, dropout=0.0)
    for depth in (None, 1, 2, 9):
        layers = layers_of(network, depth)
        assert sorted(name for layer in layers for name in layer.names) == sorted(
            network.state_dict()
        )
        assert sum(layer.parameters for layer in layers) == sum(
            weight.numel() for weight in network.parameters()
        )
    by_name = {layer.name: layer for layer in layers_of(network, None)}
    assert "trunk.4.running_mean" in by_name["trunk.4"].names
    assert [layer.name for layer in layers_of(network, 2)] == [
        *(f"trunk.{number}" for number in range(5)),
        "head",
    ]


def test_moments_of_a_norm_without_weights_go_with_the_layer_before() -> None:
    network = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3, affine=False), nn.Linear(3, 2))
    first, last = layers_of(network, None)
    assert (first.name, last.name) == ("0", "2")
    assert "1.running_mean" in first.names
    ahead = nn.Sequential(nn.BatchNorm1d(3, affine=False), nn.Linear(3, 2))
    (only,) = layers_of(ahead, None)
    assert only.name == "1"
    assert set(only.names) == set(ahead.state_dict())


def test_what_is_put_back_is_that_layer_alone() -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    final = {k: torch.ones_like(v) for k, v in network.state_dict().items()}
    earlier = {k: torch.zeros_like(v) for k, v in final.items()}
    state = put_back(final, earlier, layers_of(network, None)[0])
    assert {k: float(v.mean()) for k, v in state.items()} == {
        "0.weight": 0.0, "0.bias": 0.0, "1.weight": 1.0, "1.bias": 1.0,
    }  # fmt: skip


def test_the_command_takes_the_settings_of_the_run_and_is_done_once(tmp_path: Path) -> None:
    trained = carry_out(tmp_path, *TINY, *RUN, *MLP, "study=first")
    assert trained.code == 0, trained.err
    (run,) = tmp_path.glob("outputs/first/mlp-*")
    words = ("task=rewind", f"rewind.run={run.relative_to(tmp_path)}", "logger=csv")
    first = carry_out(tmp_path, *words)
    assert first.code == 0, first.err
    assert "hidden.4" in first.out
    (folder,) = tmp_path.glob("outputs/first/rewind-mlp-digits-random_labels_probability0.4-*")
    again = carry_out(tmp_path, "task=rewind", f"rewind.run={run}", "logger=csv")
    assert f"{folder.name}: finished before" in again.out


def test_without_corrupted_labels_there_is_one_map(trained, rewound) -> None:
    run = trained(*MLP, "corruption.probability=0.0")
    folder, result = rewound(run, NOISE[0], "corruption.probability=0.0", *MLP)
    assert result["metrics"]["train/accuracy_corrupted"] is None
    (section,) = sections(material([TaskRun(folder, result, read_config(folder))]))
    (figure,) = (named.figure for named in section.figures)
    assert [panel.title for panel in figure.panels] == ["untouched training samples: accuracy %"]
    assert set(section.table["corrupted %"]) == {"–"}


def test_seeds_are_one_map_of_their_means(trained, rewound) -> None:
    runs = []
    for seed in (0, 1):
        folder, result = rewound(trained(*MLP, f"seed={seed}"), *NOISE, *MLP, f"seed={seed}")
        runs.append(TaskRun(folder, result, read_config(folder)))
    (section,) = sections(material(runs))
    (named,) = section.figures
    assert "n = 2, mean" in named.figure.note
    frame = frames_of(named.figure.panels[0])[0]
    both = [read_arrays(run.folder)["rewind_corrupted"] for run in runs]
    assert frame["accuracy"].to_numpy() == pytest.approx(np.mean(both, axis=0).ravel())
    assert section.table["n"].tolist() == ["2"] * 4 * 3
    assert section.table["back to epoch"].tolist() == ["0", "1", "4"] * 4
    (again,) = sections(material([*runs, runs[0]]))  # one network counts once
    assert again.table.equals(section.table)
    draw(named.figure)


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("data.train_limit=150", "data"), ("seed=3", "seed"), ("corruption.probability=0.2",
        "corruption"), ("model.hidden=[16]", "model"),
    ],
)  # fmt: skip
def test_other_settings_than_those_of_the_run_are_refused(trained, rewound, word, other) -> None:
    run = trained(*MLP)
    with pytest.raises(UserError, match=f"task=rewind takes {other} from its run"):
        rewound(run, *NOISE, *MLP, word)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["rewind.run=null"], "task=rewind needs rewind.run="),
        (["rewind.run=nowhere"], "rewind.run=nowhere: there is no such folder"),
        (["rewind.run={study}"], "It is a study: name a run of it"),
        (["rewind.run={plain}"], "kept no weights but its last"),
        (["rewind.run={run}", "model.hidden=[16]"], "task=rewind takes model, corruption from"),
    ],
)
def test_before_anything_is_written(
    trained, tiny_config, tmp_path, request, words, message
) -> None:
    run = trained(*MLP)
    plain = trained(*MLP, "trainer.keep_epochs=null")
    places = {"run": run, "plain": plain, "study": run.parent}
    config = tiny_config("task=rewind", *MLP, *(word.format(**places) for word in words))
    settings = RewindSettings.model_validate(config.task_settings["rewind"])
    for attempt in (
        lambda: refuse_beforehand(config, Look(elsewhere=False), rewind=settings),
        lambda: rewind(config, tmp_path / "new", rewind=settings),
    ):
        with pytest.raises(UserError, match=message):
            attempt()
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("runs", ["a,b", "glob(*)"])
def test_several_runs_in_one_command_are_refused(tmp_path: Path, runs: str) -> None:
    done = carry_out(tmp_path, "-m", "task=rewind", f"rewind.run={runs}", "logger=csv")
    assert done.code == 2
    assert f"rewind.run={runs} names several runs" in done.err
