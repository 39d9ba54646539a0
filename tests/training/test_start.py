"""Weights of another run to begin with, and weights that are not trained."""

import shutil
from pathlib import Path

import pytest
import torch
from torch import nn

from nullfit.config.identity import config_hash
from nullfit.config.weights import digest_of_weights
from nullfit.errors import UserError
from nullfit.fused.limits import reason_to_train_alone
from nullfit.runs.preflight.look import Look
from nullfit.runs.training import prepare
from nullfit.tasks.train.task import refuse_beforehand, train
from nullfit.training.checkpoint_format import read_checkpoint
from nullfit.training.measures import of_split
from nullfit.training.start import begin_with, freeze, frozen_count
from tests.command_line import carry_out
from tests.conftest import TINY
from tests.training.interruption import unplugged

DEEP = ("model=mlp", "model.hidden=[16,16]", "trainer.max_epochs=3")


@pytest.fixture
def source(tiny_config, tmp_path: Path) -> Path:
    """A finished run on random labels that kept its first epochs."""
    config = tiny_config(*DEEP, "corruption=random_labels", "trainer.keep_epochs=[0,1]")
    folder = tmp_path / "outputs" / "noise" / config.job
    train(config, folder)
    return folder


def weights(folder: Path, name: str = "final") -> dict[str, torch.Tensor]:
    return read_checkpoint(folder / "checkpoints" / f"{name}.ckpt")["state_dict"]


def test_a_run_begins_where_another_ended(tiny_config, source: Path, tmp_path: Path) -> None:
    config = tiny_config(*DEEP, f"start.run={source}", "corruption=random_labels")
    training = prepare(config, tmp_path / "new")
    rows = (source / "metrics.csv").read_text().splitlines()
    end = dict(zip(rows[0].split(","), rows[-1].split(","), strict=True))
    assert of_split(training.network, training.data.train).accuracy == float(end["train/accuracy"])
    assert of_split(training.network, training.data.test).accuracy == float(end["test/accuracy"])


def test_or_where_it_was_after_an_epoch_in_some_layers(tiny_config, source, tmp_path) -> None:
    words = (f"start.run={source}", "start.epoch=1", "start.layers=[hidden.1,head]")
    own = prepare(tiny_config(*DEEP), tmp_path / "a").network.state_dict()
    found = prepare(tiny_config(*DEEP, *words), tmp_path / "b").network.state_dict()
    for name, value in found.items():
        expected = own if name.startswith("hidden.4") else weights(source, "epoch_1")
        assert torch.equal(value, expected[name])
    assert not torch.equal(own["head.weight"], found["head.weight"])


def test_or_with_some_layers_put_back(tiny_config, source: Path, tmp_path: Path) -> None:
    config = tiny_config(*DEEP, f"start.run={source}", "start.rewind={hidden.1:1,head.bias:0}")
    found = prepare(config, tmp_path).network.state_dict()
    back = {"hidden.1.weight": "epoch_1", "hidden.1.bias": "epoch_1", "head.bias": "epoch_0"}
    for name, value in found.items():
        assert torch.equal(value, weights(source, back.get(name, "final"))[name]), name
    assert config.job != tiny_config(*DEEP, f"start.run={source}").job
    with pytest.raises(UserError, match=r"start.rewind.head=2: .* \(it kept 0, 1\)"):
        prepare(tiny_config(*DEEP, f"start.run={source}", "start.rewind={head:2}"), tmp_path)


def test_a_run_stays_the_same_whatever_becomes_of_its_source(tiny_config, source, tmp_path) -> None:
    config = tiny_config(*DEEP, f"start.run={source}")
    before = config_hash(config.plain())
    shutil.rmtree(source)
    assert config_hash(config.plain()) == before


def test_a_study_stands_for_its_run_of_the_same_seed(tiny_config, source, tmp_path) -> None:
    of_study = tiny_config(*DEEP, f"start.run={source.parent}")
    assert of_study.job == tiny_config(*DEEP, f"start.run={source}").job
    found = prepare(of_study, tmp_path / "new").network.state_dict()
    assert torch.equal(found["head.weight"], weights(source)["head.weight"])
    with pytest.raises(UserError, match=r"no finished run of model=mlp with seed=1"):
        prepare(tiny_config(*DEEP, f"start.run={source.parent}", "seed=1"), tmp_path / "new")


def test_frozen_weights_do_not_move_to_the_bit(tiny_config, source: Path, tmp_path: Path) -> None:
    words = (f"start.run={source}", "freeze=[hidden]", "regularizer=weight_decay")
    result = train(tiny_config(*DEEP, *words), tmp_path / "new")
    before, after = weights(source), weights(tmp_path / "new")
    for name in before:
        assert torch.equal(before[name], after[name]) == name.startswith("hidden")
    (begun,) = result["start"]["weights"]
    assert begun["file"] == str(source / "checkpoints/final.ckpt")
    assert begun["sha256"] == digest_of_weights([source / "checkpoints/final.ckpt"])
    assert result["start"]["frozen_parameters"] == 64 * 16 + 16 + 16 * 16 + 16
    assert result["model"]["parameters"] == 170


@pytest.mark.parametrize("optimizer", ["noisy_sgd", "adam", "adamw"])
def test_whatever_the_optimizer(tiny_config, tmp_path: Path, optimizer: str) -> None:
    config = tiny_config(*DEEP, "freeze=hidden.1", f"optimizer={optimizer}")
    before = prepare(config, tmp_path / "none").network.state_dict()["hidden.1.weight"].clone()
    train(config, tmp_path / "new")
    assert torch.equal(weights(tmp_path / "new")["hidden.1.weight"], before)


def test_frozen_batch_norm_stays_in_evaluation_mode(tiny_config, tmp_path: Path) -> None:
    words = ("model=wide_resnet_10", "trainer.max_epochs=2", "trainer.keep_epochs=[0]")
    words += ("data.train_limit=40",)
    train(tiny_config(*words, "freeze=[trunk.0,trunk.1]"), tmp_path)
    before, after = weights(tmp_path, "epoch_0"), weights(tmp_path)
    for name in before:
        stays = name.startswith(("trunk.0.", "trunk.1."))
        assert torch.equal(before[name], after[name]) == stays, name
    assert any("running_mean" in name for name in before if name.startswith("trunk.1"))


def test_a_frozen_layer_computes_as_in_evaluation_whatever_mode_it_is_put_in() -> None:
    network = nn.Sequential(nn.BatchNorm1d(3), nn.Dropout(0.5), nn.Linear(3, 2))
    inputs = 5 + torch.randn(8, 3)
    expected = network.eval()(inputs)
    freeze(network, ["0"])
    network[1].p = 0.0
    network.train()
    assert torch.equal(network(inputs), expected)
    assert network.training
    assert network[2].training
    assert frozen_count(network) == 6


def test_an_interrupted_run_goes_on_with_what_is_frozen(
    tiny_config, source, tmp_path, monkeypatch
) -> None:
    words = (f"start.run={source}", "freeze=[hidden]", "optimizer=adam")
    config = tiny_config(*DEEP, *words, "trainer.checkpoint_seconds=0")
    train(config, tmp_path / "whole")
    with unplugged(monkeypatch, epoch=1):
        train(config, tmp_path / "broken")
    train(config, tmp_path / "broken")
    whole, broken = weights(tmp_path / "whole"), weights(tmp_path / "broken")
    assert all(torch.equal(whole[name], broken[name]) for name in whole)


def test_which_weights_count_and_not_where_they_lie(tiny_config, source, tmp_path) -> None:
    plain = tiny_config(*DEEP)
    given = tiny_config(*DEEP, f"start.run={source}")
    copied = shutil.copytree(source, tmp_path / "elsewhere")
    assert config_hash(given.plain()) != config_hash(plain.plain())
    assert tiny_config(*DEEP, f"start.run={copied}").job == given.job
    assert tiny_config(*DEEP, f"start.run={source}", "start.epoch=1").job != given.job
    assert tiny_config(*DEEP, f"start.run={source}", "start.layers=[head]").job != given.job
    assert tiny_config(*DEEP, "freeze=[hidden]").job != plain.job
    nothing = ("start.run=null", "start.layers=null", "start.epoch=null", "freeze=null")
    assert tiny_config(*DEEP, *nothing).job == plain.job
    assert not {"start", "freeze"} & plain.plain().keys()


def test_the_digest_is_that_of_the_values(tmp_path: Path) -> None:
    def written(name: str, value: float, **more: object) -> Path:
        torch.save({"state_dict": {"w": torch.full((3,), value)}, **more}, tmp_path / name)
        return tmp_path / name

    one, same = written("a.ckpt", 1.0), written("b.ckpt", 1.0, nullfit={"config": {"study": "b"}})
    assert digest_of_weights([one]) == digest_of_weights([same]) is not None
    assert digest_of_weights([one]) != digest_of_weights([written("c.ckpt", 2.0)])
    (tmp_path / "d.ckpt").write_text("no weights")
    assert digest_of_weights([tmp_path / "d.ckpt"]) is None
    assert digest_of_weights([tmp_path / "e.ckpt"]) is None


def test_misfits_are_refused_by_name_with_what_fits() -> None:
    own = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 2))
    other = nn.Sequential(nn.Linear(4, 3), nn.Linear(3, 5)).state_dict()
    before = {name: value.clone() for name, value in own.state_dict().items()}
    with pytest.raises(UserError) as refused:
        begin_with(own, other, None, "there")
    assert "1.weight (5×3, here 2×3), 1.bias (5, here 2)" in str(refused.value)
    assert "Take those that fit: \"start.layers=['0']\"" in str(refused.value)
    assert all(torch.equal(before[name], value) for name, value in own.state_dict().items())
    begin_with(own, other, ["0"], "there")
    assert torch.equal(own[0].weight, other["0.weight"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["start.run=nowhere"], "start.run=nowhere: there is no such folder"),
        (["start.run={source}", "start.epoch=2"], "it kept 0, 1"),
        (["start.run={source}", "start.layers=[hiden]"], "Did you mean hidden"),
        (["start.run={source}", "model.hidden=[16]"], "no place here for hidden.4.weight"),
        (["start.run={source}/checkpoints/final.ckpt", "start.epoch=1"], "has no effect where"),
        (["freeze=[hidden,head]"], "freezes all weights"),
        (["start.run={source}", "start.rewind={{heads:1}}"], "start.rewind.heads: no weights"),
        (["freeze=[hidden.2]"], "Allowed: hidden.1, hidden.4"),
        (["freeze=[tail]"], "no weights begin with tail. Allowed: hidden, head"),
    ],
)
def test_before_anything_is_written(tiny_config, source, tmp_path, words, message) -> None:
    config = tiny_config(*DEEP, *(word.format(source=source) for word in words))
    for attempt in (
        lambda: refuse_beforehand(config, Look(elsewhere=False)),
        lambda: train(config, tmp_path / "new"),
    ):
        with pytest.raises(UserError, match=message):
            attempt()
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["start.epoch=1"], "name that run"),
        (["freeze=[head]", "task=kernel"], "no effect on task=kernel"),
        (["start.run=there", "task=rademacher"], "no effect on task=rademacher"),
        (["freeze=[head]", "trainer.compile=default"], "impossible with trainer.compile=default"),
        (["freeze=[a,a]"], "it must name each one once"),
    ],
)
def test_what_cannot_be_is_refused(make_config, words, message) -> None:
    with pytest.raises(UserError, match=message):
        make_config(*words)


def test_jobs_with_frozen_weights_are_trained_alone(tiny_config, source, tmp_path) -> None:
    frozen = prepare(tiny_config(*DEEP, "freeze=[hidden]"), tmp_path)
    assert reason_to_train_alone(frozen, 64) == "some of their weights are frozen"
    begun = prepare(tiny_config(*DEEP, f"start.run={source}"), tmp_path)
    assert reason_to_train_alone(begun, 64) is None


def test_fused_jobs_begin_with_the_weights_and_keep_epochs(source: Path, tmp_path: Path) -> None:
    words = (*TINY, *DEEP, f"start={source}", "trainer.keep_epochs=[0,2]", "corruption=none")
    alone = carry_out(tmp_path, *words, "outputs=alone", "seed=1")
    grid = ("-m", "seed=0,1,2,3", "hydra/launcher=fused", "outputs=fused")
    answer = carry_out(tmp_path, *words, *grid)
    assert alone.code == answer.code == 0, alone.err + answer.err
    assert "fusing 4 jobs" in answer.out
    (one,) = tmp_path.glob("alone/default/*-seed1-*")
    (other,) = tmp_path.glob("fused/default/*-seed1-*")
    assert one.name == other.name
    for name in ("epoch_0", "epoch_2", "final"):
        expected, found = weights(one, name), weights(other, name)
        for key in expected:
            torch.testing.assert_close(found[key], expected[key], rtol=1e-4, atol=1e-5)
    first = weights(other, "epoch_0")
    assert all(torch.equal(first[key], value) for key, value in weights(source).items())
