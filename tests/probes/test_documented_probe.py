"""The probe that docs/samples.md shows works as it stands there."""

import json
import re
from pathlib import Path

import pandas
import pytest

import nullfit
from tests.commands import run_command

PAGE = (Path(nullfit.__file__).parents[2] / "docs" / "samples.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"`((?:conf/)?[\w/]+\.(?:py|yaml))`:\n\n```\w+\n(.*?)```", PAGE, re.S))
COMMAND = (
    *("--config-dir", "conf", "probe=[dynamics,never_forgotten]", "corruption=random_labels"),
    *("data.train_limit=200", "data.test_limit=100", "trainer.max_epochs=5", "logger=csv"),
)


def test_it_agrees_with_the_probe_that_is_shipped(tmp_path: Path) -> None:
    assert set(FILES) == {"my_probes.py", "conf/probe/never_forgotten.yaml"}
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    refused = run_command(*COMMAND, cwd=tmp_path)
    assert "add allow_targets=[my_probes]" in refused.stderr
    done = run_command(*COMMAND, "allow_targets=[my_probes]", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (path,) = tmp_path.glob("outputs/default/*/result.json")
    result, samples = json.loads(path.read_text()), pandas.read_csv(path.parent / "samples.csv")
    kept = result["dynamics"]["never_forgotten"]
    assert len(result["never_forgotten"]["by_epoch"]) == 5
    assert result["never_forgotten"]["by_epoch"][-1] == pytest.approx(kept)
    assert samples["never_forgotten"].mean() == pytest.approx(kept)
    typo = run_command(
        *COMMAND, "allow_targets=[my_probes]", "probes.never_forgotten.margin=1", cwd=tmp_path
    )
    assert "probes.never_forgotten.margin is not a setting" in typo.stderr
