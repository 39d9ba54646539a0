"""A probe of a user's own is one class and one YAML file."""

import json

import pytest

from nullfit.cli import main

PROBE = """
from nullfit.errors import UserError
from nullfit.results.findings import Findings
from nullfit.training.probe import Probe


class Highest(Probe):
    name = "highest"

    def __init__(self, config, *, keep: int):
        self.keep, self.heard = keep, []

    def refuse(self, train, samples):
        if self.keep > samples:
            raise UserError(f"probe.keep={self.keep} is above the {samples} training samples.")

    def after_epoch(self, epoch, losses):
        self.heard.append(float(losses.topk(self.keep).values.mean()))

    def state_dict(self):
        return {"heard": self.heard}

    def load_state_dict(self, state):
        self.heard = state["heard"]

    def finish(self, data):
        return Findings({"by_epoch": self.heard}, lines=["highest: heard"])
"""
RUN = (
    *("model=mlp", "model.hidden=[8]", "data.train_limit=60", "trainer.max_epochs=2"),
    *("logger=csv", "trainer.progress=false", "trainer.threads=1", "probe=highest"),
)


@pytest.fixture
def own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "conf" / "probe").mkdir(parents=True)
    (tmp_path / "own_probes.py").write_text(PROBE)
    option = "name: highest\n_target_: own_probes.Highest\nkeep: 3\n"
    (tmp_path / "conf" / "probe" / "highest.yaml").write_text(option)
    return ("--config-dir", "conf", f"outputs={tmp_path / 'outputs'}", *RUN)


def test_it_hears_every_epoch_and_its_findings_are_in_the_result(own, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["run.py", *own, "allow_targets=[own_probes]"])
    main()
    (path,) = tmp_path.glob("outputs/default/*/result.json")
    assert len(json.loads(path.read_text())["highest"]["by_epoch"]) == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "own_probes.Highest is not allowed"),
        (("allow_targets=[own_probes]", "probe.keep=61"), "probe.keep=61 is above the 60"),
        (("allow_targets=[own_probes]", "probe.keep=two"), "probe.keep=two is not allowed"),
        (("allow_targets=[own_probes]", "probe.kept=2"), "Did you mean probe.keep?"),
    ],
)
def test_what_it_cannot_do_is_refused(own, words, told, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(
        "sys.argv", ["run.py", *own, *[w.replace("probe.kept", "+probe.kept") for w in words]]
    )
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "outputs").exists()
