# ruff: noqa: E501 - an attack is a line
"""What an experiment file of a stranger may not do. A row is its content; nothing comes of it."""

import os
from pathlib import Path

import pytest

from tests.commands import run_command

MKDIR = "{_target_: os.mkdir, path: opened}"
SWEEPER = "hydra: {mode: MULTIRUN, sweeper: {%s}}"
SLURM = (
    "defaults: [{override /hydra/launcher: slurm}]\nhydra: {mode: MULTIRUN, launcher: {%s},"
    " sweeper: {params: {seed: '0,1'}}}"
)
RAY = SLURM.replace("slurm", "ray")

CODE = {
    "a target in the sweeper": SWEEPER % f"max_batch_size: {MKDIR}",
    "a pickle in the sweeper": SWEEPER
    % "max_batch_size: {_target_: joblib.load, filename: note.pkl}",
    "a target in params": SWEEPER % f"params: {{seed: {MKDIR}}}",
    "a target in a grid": SWEEPER % f"grids: [{{seed: {MKDIR}}}]",
    "a target by reference": SWEEPER % f"params: {{x: {MKDIR}}}, max_batch_size: '${{.params.x}}'",
    "a target by decoding": SWEEPER
    % "max_batch_size: \"${oc.decode:'{_target_: os.mkdir, path: opened}'}\"",
    "another sweeper": SWEEPER % "_target_: os.mkdir, path: opened",
    "a module of the plugins": SWEEPER % "_target_: hydra_plugins.nullfit_grids.Path",
    "a sweeper by reference": SWEEPER % "_target_: '${study}'",
    "an unknown setting of the sweeper": SWEEPER % "x: 1",
    "a launcher": f"hydra: {{launcher: {MKDIR}}}",
    "a setting of the plain launcher": "hydra: {launcher: {x: {'()': os.mkdir}}}",
    "a target in Slurm's options": SLURM % f"options: {MKDIR}",
    "a target below Slurm's options": SLURM % f"options: {{x: {MKDIR}}}",
    "lines of shell": SLURM % "setup: [mkdir opened]",
    "a line break in a partition": SLURM % 'partition: "a\\nmkdir opened\\n#"',
    "a line break in an account": SLURM % 'account: "a\\nmkdir opened\\n#"',
    "a carriage return in a constraint": SLURM % 'constraint: "a\\rmkdir opened"',
    "a line break in an option": SLURM % 'options: {x: "y\\nmkdir opened\\n#"}',
    "a line break in an option's name": SLURM % 'options: {"x\\nmkdir opened\\n#": y}',
    "an option of sbatch that writes": SLURM % "options: {output: opened}",
    "a target in Ray's settings": RAY % f"cpus: {MKDIR}",
    "a server of Ray": RAY % "address: 'ray://127.0.0.1:1'",
    "a server of Ray by reference": RAY % "address: '${study}'",
    "a callback": f"hydra: {{callbacks: {{x: {MKDIR}}}}}",
    "callbacks by reference": f"hydra: {{sweeper: {{params: {{x: {{y: {MKDIR}}}}}}},"
    " callbacks: '${hydra.sweeper.params.x}'}",
    "a handler that is called": "hydra: {job_logging: {handlers: {x: {'()': os.mkdir, a: b}}}}",
    "handlers by reference": "hydra: {sweeper: {params: {evil: {h: {'()': os.mkdir, a: b}}}},"
    " job_logging: {handlers: '${hydra.sweeper.params.evil}'}}",
    "a logger of a file": "hydra: {job_logging: {handlers: {x: {class: logging.FileHandler,"
    " filename: opened}}}}",
    "a formatter": "hydra: {hydra_logging: {formatters: {x: {'()': os.mkdir}}}}",
    "the environment of jobs": "hydra: {job: {env_set: {LD_PRELOAD: x.so}}}",
    "trust": "allow_targets: [evil]\nmodel: {_target_: evil.Net}",
    "trust in a grid": SWEEPER % "params: {allow_targets: '[evil]', model._target_: evil.Net}",
    "a target in a model": f"model: {{hidden: {MKDIR}}}",
    "a target in the data": f"data: {{root: {MKDIR}}}",
    "a target in the trainer": f"trainer: {{threads: {MKDIR}}}",
    "a target of another group": "model: {_target_: nullfit.data.image_folder}",
    "an alias of a module": "model: {_target_: nullfit.models.build.partial}",
}
PLACES = {
    "outputs": "outputs: elsewhere",
    "outputs by reference": "outputs: '${study}/x'",
    "a job": "job: chapter1",
    "the answer of a query": "defaults: [{override /task: query}]\noutput: opened.csv",
    "a cache": "data: {cache: opened}",
    "a download": "data: {download: true}",
    "a team": "logger: {entity: stranger}",
    "a project": "logger: {project: open}",
    "an upload": "logger: {mode: online}",
    "a whole logger by reference": "x: {}\nlogger: '${x}'",
    "outputs of a grid": SWEEPER % "params: {outputs: elsewhere}",
    "an upload of a grid": SWEEPER % "params: {logger.mode: 'online,offline'}",
    "a cache of a product": SWEEPER % "grids: [{data.cache: opened}]",
    "a folder of runs": "hydra: {run: {dir: opened}}",
    "a folder of a grid": "hydra: {sweep: {dir: opened}}",
    "a folder by reference": "hydra: {run: {dir: '${study}'}}",
    "a folder of settings": "hydra: {output_subdir: opened}",
    "a folder to run in": "hydra: {job: {chdir: true}}",
    "a study elsewhere": "study: ../opened",
    "a study that is hidden": "study: .opened",
    "a study with a line break": 'study: "a\\nb"',
}
SECRETS = {
    "of a cloud": "logger: {project: '${oc.env:AWS_ACCESS_KEY_ID}'}",
    "of a database": "study: '${oc.env:DATABASE_URL}'",
    "of a code host": "study: '${oc.env:GITHUB_PAT}'",
    "numbered": "study: 'a${oc.env:API_KEY_2}'",
    "short": "study: '${oc.env:SHORT_PASSWORD}'",
    "that is a number": "trainer: {checkpoint_seconds: '${oc.decode:${oc.env:NUM_PASSWORD}}'}",
    "in an error": "trainer: {min_samples: '${oc.env:DATABASE_URL}'}",
    "with a default": "study: '${oc.env:GITHUB_PAT,x}'",
    "by a name that is put together": "x: GITHUB\nstudy: '${oc.env:${x}_PAT}'",
    "for a host name": RAY % "address: '${oc.env:GITHUB_PAT}.localhost:1'",
    "for a sweep": SWEEPER % "params: {study: '${oc.env:GITHUB_PAT}'}",
    "in a description of the command": "hydra: {job: {name: '${oc.env:GITHUB_PAT}'}}\n"
    "study: '${hydra:job.name}'",
    "of a plain variable": "study: '${oc.env:HOSTNAME}'",
}
VALUES = {
    "AWS_ACCESS_KEY_ID": "AKIAFAKE0FAKE0",
    "DATABASE_URL": "postgres://u:hunter22@db/x",
    "GITHUB_PAT": "ghpat-fake-0123",
    "API_KEY_2": "fakefake22",
    "SHORT_PASSWORD": "hunt3r2",
    "NUM_PASSWORD": "1234567890123",
    "HOSTNAME": "secretly-named",
}
ATTACKS = {
    **{f"code: {name}": content for name, content in CODE.items()},
    **{f"place: {name}": content for name, content in PLACES.items()},
    **{f"secret {name}": content for name, content in SECRETS.items()},
}
# References that would come to one thing when they are checked and to another when they are obeyed,
# and options that a grid chooses: files by their place in the folder.
G = "# @package _global_\n"
FILES = {
    "code in the process of a job": {
        "experiment/evil": G
        + "defaults: [{override /hydra/launcher: joblib}]\nhydra: {mode: MULTIRUN,"
        " help: {header: '[]', footer: nullfit.models.MLP}, launcher: {n_jobs: 1},"
        " sweeper: {params: {seed: '0'}}}\n"
        'allow_targets: ${oc.decode:"${oc.select:hydra.help.header,"[evil]"}"}\n'
        "model: {_target_: '${oc.select:hydra.help.footer,evil.Net}'}\n"
    },
    "code in the sweeper of the real command": {
        "experiment/evil": G
        + "defaults: [{/plan: footer}, {/nn: good}]\nhydra: {mode: MULTIRUN, sweeper:"
        " {grids: [{plan: clean}], params: '${oc.select:${oc.select:hydra.runtime.choices.nn"
        '${oc.select:hydra.overrides.hydra.0,""},evil},null}\'}}\n',
        "plan/footer": G + f"evil: {{lr: {MKDIR}}}\ngood: {{plan: clean}}\n",
        "plan/clean": G,
        "nn/good": G,
    },
    "a study that is another one": {
        "experiment/evil": G
        + "defaults: [{/plan: good}]\nstudy: '${oc.select:hydra.runtime.choices."
        '${oc.select:hydra.overrides.hydra.0,plan},"../../X"}\'\n',
        "plan/good": G,
    },
    "outputs of an option of a grid": {
        "experiment/evil": G + SWEEPER % "params: {model: evil}",
        "model/evil": G + "outputs: elsewhere\nmodel: {name: evil, _target_: nullfit.models.MLP,"
        " hidden: [2], bias: true, dropout: 0.0, learning_rate: 0.1}\n",
    },
    "an upload of an option of a grid": {
        "experiment/evil": G + SWEEPER % "params: {recipe: evil}",
        "recipe/evil": G + "logger: {mode: online, project: open, entity: stranger}\n",
    },
    "aliases that unfold": {
        "experiment/evil": G
        + "a: &a [x, x]\n"
        + "".join(
            f"{n}: &{n} [{', '.join([f'*{m}'] * 10)}]\n"
            for m, n in zip("abcdefghi", "bcdefghij", strict=True)
        )
    },
    "an alias in itself": {"experiment/evil": G + "a: &a [*a]\n"},
    "code of YAML": {"experiment/evil": G + "seed: !!python/object/apply:os.mkdir [opened]\n"},
    "nesting without end": {"experiment/evil": G + "a: " + "[" * 100_000},
    "a file of a gigabyte's kind": {"experiment/evil": G + "# " + "x" * 2**21},
    "Hydra's choices": {"experiment/evil": G + "study: '${hydra.runtime.choices.model}'"},
    "Hydra's choices by detour": {"experiment/evil": G + "study: '${oc.select:hydra.job.name}'"},
    "decoding": {"experiment/evil": G + "seed: '${oc.decode:1}'"},
    "a reference in a reference": {"experiment/evil": G + "study: '${${seed}}'"},
    "a file by a folder that is not there": {
        "experiment/evil": G + "defaults: [/nope/../plain]\n",
        "plain": G + "study: '${oc.select:hydra.job.name}'\n",
    },
    "a file by its whole path": {
        "experiment/evil": G + "defaults: [//proc/self/cwd/conf/places]\n",
        "places": G + "outputs: elsewhere\n",
    },
    "a file outside": {
        "experiment/evil": G + "defaults: [{override /model: ../../../conf/model/m}]\n",
        "model/m": G + "outputs: elsewhere\n",
    },
    "a file outside, by a grid": {
        "experiment/evil": G + SWEEPER % "params: {model: ../../conf/model/m}",
        "model/m": G + "outputs: elsewhere\n",
    },
    "a file in Hydra's settings": {
        "experiment/evil": G + "defaults: [/x/s@hydra.runtime.choices]\n",
        "x/s": "password: hunter22\n",
    },
    "a file for Hydra's settings": {
        "experiment/evil": G + "defaults: [/x/s]\n",
        "x/s": "# @package hydra.launcher\nn_jobs: '${trainer.devices}'\n",
    },
    "an option of Hydra's group": {
        "experiment/evil": G + "defaults: [{override /hydra/launcher: mine}]\n",
        "hydra/launcher/mine": "_target_: hydra_plugins.nullfit_joblib.JoblibLauncher\n"
        "n_jobs: '${trainer.devices}'\n",
    },
    "a reference by its place": {"experiment/evil": G + "study: 'x${.hydra.job.name}'\n"},
    "places of a logger that is typed": {
        "experiment/evil": G + "logger: {entity: stranger, project: open, mode: online}\n",
    },
    "a download for data that are typed": {
        "experiment/evil": G + "data: {download: true, root: opened}\n",
    },
    "a grid without end": {
        "experiment/evil": G
        + SWEEPER
        % "params: {data.batch_size: 'range(1,300000)', data.test_limit: 'range(1,300000)'}"
    },
    "defaults without end": {
        "experiment/evil": G + "defaults: [/b/b0@x, /b/b0@y]\n",
        **{f"b/b{n}": G + f"defaults: [/b/b{n + 1}@x, /b/b{n + 1}@y]\n" for n in range(17)},
        "b/b17": G,
    },
    "references without end": {
        "experiment/evil": G
        + "study: '${a.a0}'\na:\n"
        + "".join(f"  a{n}: '{f'${{a.a{n + 1}}}' * 12}'\n" for n in range(9))
        + "  a9: x\n"
    },
    "a byte order mark in the midst": {"experiment/evil": G + "\ufeff#a: 1\nseed: 1\n"},
    "a reference of a grid": {
        "experiment/evil": G + SWEEPER % "params: {seed: '${trainer.devices}'}"
    },
}
SMALL = ("trainer.max_epochs=1", "data.train_limit=100", "logger.patience=1")


def _attacked(folder: Path, files: dict[str, str], *words: str) -> str:
    """Run a stranger's experiment; what it said, which is a refusal, and nothing else happened."""
    (folder / "evil.py").write_text("import os; os.mkdir('opened')\nclass Net: pass\n")
    for name, content in files.items():
        option = folder / f"conf/{name}.yaml"
        option.parent.mkdir(parents=True, exist_ok=True)
        option.write_text(f"{content}\n")
    before = sorted(path for path in folder.rglob("*"))
    words = ("--config-dir", "conf", "experiment=evil", *SMALL, *words)
    done = run_command(*words, cwd=folder, env=VALUES)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(path for path in folder.rglob("*")) == before
    return done.stdout + done.stderr


@pytest.mark.parametrize("content", ATTACKS.values(), ids=list(ATTACKS))
def test_a_strangers_experiment_is_refused(tmp_path: Path, content: str) -> None:
    said = _attacked(tmp_path, {"experiment/evil": G + content})
    assert not any(value in said for value in VALUES.values())


@pytest.mark.parametrize("files", FILES.values(), ids=list(FILES))
@pytest.mark.parametrize("words", [(), ("-m", "seed=0")], ids=["a run", "a grid"])
def test_files_that_mean_one_thing_and_another_are_refused(
    tmp_path: Path, files: dict[str, str], words: tuple[str, ...]
) -> None:
    typed = (
        ("logger=wandb", "data=fashion_mnist")
        if any("online" in f or "download: true" in f for f in files.values())
        else ()
    )
    _attacked(tmp_path, files, *words, *typed)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secrets.yaml").write_text("password: hunter22\n")
    (tmp_path / "conf/x").mkdir(parents=True)
    (tmp_path / "conf/x/s.yaml").symlink_to(tmp_path / "secrets.yaml")
    said = _attacked(
        tmp_path, {"experiment/evil": G + "defaults: [/x/s]\nstudy: '${x.password}'\n"}
    )
    assert "it is a link that leads out of its folder" in said


def test_help_waits_for_no_pipe(tmp_path: Path) -> None:
    (tmp_path / "conf/logger").mkdir(parents=True)
    os.mkfifo(tmp_path / "conf/logger/wandb.yaml")
    assert run_command("--config-dir", "conf", "--help", cwd=tmp_path).returncode == 0


def test_references_to_settings_and_small_aliases_are_read(tmp_path: Path) -> None:
    option = tmp_path / "conf/experiment/mine.yaml"
    option.parent.mkdir(parents=True)
    option.write_text(
        G + "study: 'of-${model.name}'\nmine: &mine {lr: 0.5}\noptimizer: {<<: *mine}\n"
        "data: {root: '${oc.env:NULLFIT_DATA,data}'}\ntrainer: {max_epochs: '${nullfit.by_scale:1,2}'}"
    )
    words = ("--config-dir", "conf", "experiment=mine", "~mine", "logger=csv")
    done = run_command(*words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.glob("outputs/of-mlp_1x512/*/result.json"))


def test_what_the_user_says_counts(tmp_path: Path) -> None:
    option = tmp_path / "conf/experiment/mine.yaml"
    option.parent.mkdir(parents=True)
    option.write_text("# @package _global_\noutputs: there\njob: mine\n")
    words = ("--config-dir", "conf", "experiment=mine", *SMALL, "logger=csv", "~logger.patience")
    done = run_command(*words[:-1], "outputs=here", "job=mine", cwd=tmp_path)
    assert done.returncode == 2  # logger.patience is none of csv's settings
    words = tuple(word for word in words if "patience" not in word)
    done = run_command(*words, "outputs=here", "job=mine", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "here/default/mine/result.json").is_file()


@pytest.mark.parametrize("name", ["../../evil", "a/b", "", "x y", None, 3, "x\n"])
@pytest.mark.parametrize("group", ["data", "model", "corruption", "optimizer", "schedule"])
def test_a_checkpoint_names_options_only(group: str, name: object) -> None:
    from nullfit.config.recall import recalled
    from nullfit.errors import UserError

    with pytest.raises(UserError, match="is no name of an option"):
        recalled({group: {"name": name}}, [])


def test_a_checkpoint_names_no_places() -> None:
    from nullfit.config.recall import recalled

    data = {"name": "mnist", "root": "/private", "cache": "/private", "download": True}
    data["path"] = "/etc/passwd"
    assert recalled({"data": data, "outputs": "/private", "job": "x"}, []) == ["data=mnist"]
