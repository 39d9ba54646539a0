"""What earlier runs left, damaged: checkpoints, results, settings, metrics, caches."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from tests.bad_input.conftest import Refuse, Run
from tests.bad_input.files import Make, both, images, written

EVALUATE = ["task=evaluate", "checkpoint=x.ckpt"]
TABLE = ["task=table", "study=s"]
JOB = "outputs/s/j/"
GOOD: dict[str, Any] = {
    "status": "completed", "task": "train", "config_hash": "0" * 16, "seed": 0,
    "model": {"name": "mlp"}, "data": {"name": "digits"}, "corruption": {"name": "none"},
    "metrics": {"train/accuracy": 1.0}, "fit": {"epochs_to_fit": None},
}  # fmt: skip
CONFIG = {name: {"name": name} for name in ("task", "model", "data", "corruption")}


class MakesFolder:
    """Unpickling this makes a folder."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("opened",)


def checkpoint(content: object) -> Make:
    return lambda folder: torch.save(content, folder / "x.ckpt")


def left(text: str | bytes, config: str = yaml.safe_dump(CONFIG)) -> Make:
    return both(written(JOB + "result.json", text), written(JOB + "config.yaml", config))


def without(field: str, instead: object = None) -> Make:
    changed = {**GOOD, field: instead}
    return left(json.dumps({k: v for k, v in changed.items() if v is not None}))


CASES: dict[str, tuple[Make, list[str], str]] = {
    "no checkpoint given": (lambda _: None, EVALUATE[:1], "task=evaluate needs checkpoint="),
    "no checkpoint there": (lambda _: None, EVALUATE, "checkpoint=x.ckpt does not exist"),
    "a checkpoint cut off": (written("x.ckpt", b"PK\3\4"), EVALUATE, "x.ckpt cannot be read"),
    "a checkpoint that is a pickle": (
        written("x.ckpt", b"cos\nmkdir\n(S'opened'\ntR."),
        EVALUATE,
        "it is damaged or no checkpoint",
    ),
    "a checkpoint with code in it": (
        checkpoint({"state_dict": MakesFolder()}),
        EVALUATE,
        "it holds more than plain values and tensors, which could be code",
    ),
    "a checkpoint of a list": (checkpoint([1]), EVALUATE, "it holds no weights"),
    "a checkpoint without weights": (checkpoint({"state_dict": 3}), EVALUATE, "holds no weights"),
    "weights that are none": (checkpoint({"state_dict": {"a": 3}}), EVALUATE, "are no tensors"),
    "settings that are none": (
        checkpoint({"state_dict": {}, "nullfit": {"config": 5}}),
        EVALUATE,
        "is no checkpoint of nullfit",
    ),
    "weights of another network": (
        checkpoint({"state_dict": {"a": torch.ones(2)}}),
        EVALUATE,
        "does not fit model=mlp_1x512",
    ),
    "settings with a reference": (
        checkpoint({"state_dict": {}, "nullfit": {"config": {"study": "${oc.env:HOME}"}}}),
        EVALUATE,
        "study=${oc.env:HOME} is not allowed",
    ),
    "a folder without a checkpoint": (
        lambda f: (f / "x.ckpt").mkdir(),
        EVALUATE,
        "checkpoint=x.ckpt holds no checkpoint",
    ),
    "a study that is not there": (lambda _: None, TABLE, "study=s has no finished run"),
    "a study by almost its name": (
        left(json.dumps(GOOD)),
        ["task=table", "study=ss"],
        "study=ss has no finished run in outputs/ss.\nDid you mean study=s?",
    ),
    "no study where there are some": (
        both(left(json.dumps(GOOD)), written("outputs/my runs/j/result.json", json.dumps(GOOD))),
        ["task=table"],
        "study=default has no finished run in outputs/default.\n"
        "Name a study that has runs: \"study='my runs'\" or study=s\n",
    ),
    "data of a report in a folder by almost its name": (
        both(left(json.dumps(GOOD)), lambda folder: (folder / "shapes").mkdir()),
        ["task=report", "study=s", "data.root=shape"],
        "data.root=shape: there is no such folder; paths start where the command is started. "
        "Did you mean data.root=shapes?",
    ),
    "a result cut off": (left("{"), TABLE, "result.json is damaged"),
    "a result of other bytes": (left(b"\xff\xfe"), TABLE, "result.json is damaged"),
    "a result without end": (left("[" * 100_000), TABLE, "result.json is damaged"),
    "a result of a list": (left("[]"), TABLE, "result.json is no result of nullfit"),
    "a result without a model": (without("model"), TABLE, "(it has no model)"),
    "a result of a number for data": (without("data", 5), TABLE, "no result of nullfit (data"),
    "a result of a word for metrics": (without("metrics", "x"), TABLE, "nullfit (metrics"),
    "a result without data": (without("data"), TABLE, "nullfit (it has no data)"),
    "a result of a task elsewhere": (without("task", "../x"), TABLE, "nullfit (task: string"),
    "a result without settings": (written(JOB + "result.json", json.dumps(GOOD)), TABLE, "config"),
    "settings that are a word": (left(json.dumps(GOOD), "x"), TABLE, "is no configuration"),
    "settings without a model": (left(json.dumps(GOOD), "seed: 0"), TABLE, "is no configuration"),
    "settings with code in them": (
        left(json.dumps(GOOD), "!!python/object/apply:os.mkdir ['opened']"),
        TABLE,
        "it has a tag (tag:yaml.org,2002:python/object/apply:os.mkdir)",
    ),
    "SQL that is none": (left(json.dumps(GOOD)), ["task=query", "sql=selec"], "sql: Parser Error"),
    "SQL for other files": (
        left(json.dumps(GOOD)),
        ["task=query", "sql=select * from read_csv('/etc/passwd')"],
        "sql: Permission Error",
    ),
    "SQL over a result cut off": (left("{"), ["task=query"], "result.json is damaged"),
    "nothing to upload": (lambda _: None, ["task=sync"], "has no offline run"),
    "nothing recorded": (
        lambda _: None,
        ["task=sync", "logger=wandb", "logger.mode=disabled"],
        "disabled",
    ),
    "no published numbers": (left("{"), ["task=scoreboard", "study=s"], "result.json is damaged"),
    "no report": (without("fit", []), ["task=report", "study=s"], "no result of nullfit (fit"),
}


@pytest.mark.parametrize(("make", "arguments", "tells"), CASES.values(), ids=list(CASES))
def test_refused(
    refuse: Refuse, tmp_path: Path, make: Make, arguments: list[str], tells: str
) -> None:
    make(tmp_path)
    refuse(arguments, tells)
    assert not (tmp_path / "opened").exists()


TINY = ("logger=csv", "trainer.progress=false", "trainer.max_epochs=1", "data.train_limit=200")


@pytest.mark.parametrize(
    ("file", "content", "tells"),
    [
        ("result.json", lambda: b"{", "result.json is damaged"),
        ("checkpoints/last.ckpt", lambda: b"junk", "Delete it to start the run over"),
    ],
    ids=["its result", "its checkpoint"],
)
def test_a_run_does_not_go_over_what_is_damaged(
    run: Run, refuse: Refuse, tmp_path: Path, file: str, content: Callable[[], bytes], tells: str
) -> None:
    assert run(*TINY).code == 0
    (folder,) = (tmp_path / "outputs/default").iterdir()
    (folder / "result.json").unlink()
    (folder / file).write_bytes(content())
    refuse(TINY, tells)


def test_a_damaged_cache_is_made_anew(run: Run, tmp_path: Path) -> None:
    images(tmp_path)
    command = [
        "data=image_folder",
        "data.root=img",
        "data.crop=null",
        "data.cache=cache",
        *TINY[:3],
    ]
    assert run(*command).code == 0
    (entry,) = (tmp_path / "cache").iterdir()
    sound = entry.read_bytes()
    for damage in (b"", b"junk" * 100, sound[:-1], sound[:-1] + bytes([sound[-1] ^ 1])):
        entry.write_bytes(damage)
        assert run(*command, f"study=s{len(damage)}-{damage[-1:].hex()}").code == 0
        assert len(entry.read_bytes()) == len(sound)
        assert entry.read_bytes() != damage
