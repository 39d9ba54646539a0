"""Settings that are wrong by themselves, or impossible together."""

import sys

import pytest

from tests.bad_input.conftest import Refuse, Run

CASES = {
    "no model": (["model=null"], "model=null names no option of model. Allowed: alexnet"),
    "no task": (["task=null"], "task=null names no option of task"),
    "no probe": (["probe=null"], "Did you mean probe=none?"),
    "a number for a model": (["model=3"], "model=3 names no option"),
    "a mapping for a model": (["model={a:1}"], "model={a:1} names no option"),
    "a model that is taken away": (["~model"], "model=null is not allowed: choose an option"),
    "a name that is taken away": (["~model.name"], "model.name is missing"),
    "a job that is taken away": (["~job"], "job is missing"),
    "a setting of another probe": (["probe.cleanlab=true"], "It is one of probe=loss_mixture"),
    "a setting of another logger": (["logger.project=x"], "It is one of logger=wandb"),
    "a setting of another optimizer": (
        ["optimizer.betas=[0.9,0.9]"],
        "adam or adamw: choose one, too",
    ),
    "a setting of another launcher": (
        ["-m", "hydra.launcher.max_group=3", "seed=0,1"],
        "It is one of hydra/launcher=fused",
    ),
    "no workers": (["-m", "hydra/launcher=joblib", "hydra.launcher.n_jobs=0"], "greater than 0"),
    "memory that is no number": (
        ["-m", "hydra/launcher=slurm", "hydra.launcher.memory=nan"],
        "hydra.launcher.memory=nan is not allowed: it must be a finite number",
    ),
    "unknown launcher": (["-m", "hydra/launcher=zzz"], "hydra/launcher=zzz does not exist"),
    "unknown flag": (["--nope"], "unrecognized arguments: --nope"),
    "misspelt flag": (["--multirn"], "--multirn is not a flag. Did you mean --multirun?"),
    "misspelt version": (["--verison"], "--verison is not a flag. Did you mean --version?"),
    "flag without its value": (["--cfg"], "argument --cfg/-c: invalid choice"),
    "a grid of nothing": (["-m", "seed=range(0,0)"], "seed=range(0,0) has no values"),
    "a misspelt setting of another option": (
        ["corruption.probabilty=0.3"],
        "Did you mean corruption.probability? It is one of corruption=asymmetric_labels, "
        "pair_flip_labels or random_labels: choose one, too, e.g. corruption=random_labels "
        "corruption.probability=0.3",
    ),
    "a setting of an option in the place of another": (
        ["corruption=random_labels", "corruption.classes=[a]"],
        "It is one of corruption=asymmetric_labels: choose that instead, e.g. "
        'corruption=asymmetric_labels "corruption.classes=[a]"',
    ),
    "a word of two settings": (
        ["data.limit=5"],
        "data.limit is not a setting. Did you mean data.test_limit or data.train_limit?",
    ),
    "no key that only files have": (
        ["corruption.zzzz=1"],
        "corruption.zzzz is not a setting. Allowed: apply_to, fresh.",
    ),
    "a setting of Hydra's that is none": (["hydra.x=1"], "hydra.x is not a setting. --hydra-help"),
    "more processes than samples": (
        ["trainer=ddp", "trainer.devices=100000"],
        "use at most 718 processes",
    ),
    "no name": (["=0"], "=0 has no name: write key=value"),
    "characters of no name": (["job=ä"], "job=ä is not allowed: use letters, digits and"),
    "a chain without end": (
        ["corruption=chain", f"corruption.steps=[{','.join(['none'] * 101)}]"],
        "corruption.steps has 101 corruptions: it must have at most 100",
    ),
    **{
        what: ([f"data.test_corruptions={given}"], tells)
        for what, given, tells in (
            ("a test set of other labels", "[random_labels]", "random_labels changes labels"),
            ("a test set as it is", "[none]", "none changes nothing, and only test images may"),
            ("a chain for a test set", "[chain]", "a chain is impossible here"),
            ("no list of test sets", "gaussian", 'as in "data.test_corruptions=[gaussian]".'),
            ("no test sets", "[]", "data.test_corruptions=[] is not allowed: it must have at"),
            ("a number for a test set", "[3]", "corruption 3 does not exist. Allowed: asym"),
            ("a list for a test set", "[{name:[1]}]", "corruption [1] does not exist"),
            ("a misspelt test set", "[gausian]", "Did you mean gaussian?"),
            ("a test set drawn anew", "[{name:gaussian,fresh:true}]", "fresh=true is impossible"),
            ("a test set to train on", "[{name:gaussian,apply_to:train}]", "apply_to=train is imp"),
            ("noise below 0", "[{name:gaussian_noise,sigma:-1}]", "sigma=-1 is not allowed"),
            ("noise of NaN", "[{name:gaussian_noise,sigma:nan}]", "sigma=nan is not allowed"),
            ("equal test sets", "[gaussian,gaussian]", "two test sets of the name gaussian:"),
        )
    },
    "test sets that nothing is measured on": (
        ["task=expressivity", "data.test_corruptions=[gaussian]"],
        "data.test_corruptions=['gaussian'] has no effect on task=expressivity",
    ),
    "test sets for a table": (
        ["task=table", "data.test_corruptions=[gaussian]"],
        "has no effect on task=table: it is for train, evaluate, kernel",
    ),
    "layers without end": (
        ["model=mlp", f"model.hidden=[{','.join(['2'] * 1001)}]"],
        "is not allowed: it must have at most 1000 entries",
    ),
    "rate of NaN": (["optimizer.lr=nan"], "optimizer.lr=nan is not allowed: it must be a finite"),
    "endless checkpoints": (["trainer.checkpoint_seconds=inf"], "checkpoint_seconds=inf"),
    "patience of NaN": (["logger=wandb", "logger.patience=nan"], "logger.patience=nan"),
    "momentum of NaN": (["optimizer.momentum=nan"], "optimizer.momentum=nan"),
    "probability of NaN": (
        ["corruption=random_labels", "corruption.probability=nan"],
        "corruption.probability=nan is not allowed: it must be a finite number",
    ),
    "NaN within a list": (["optimizer=adam", "optimizer.betas=[nan,0.9]"], "betas.0=nan"),
    "seed of NaN": (["seed=nan"], "seed=nan is not allowed: it must be a valid integer"),
    "seed beyond 63 bits": (["seed=99999999999999999999"], "less than 9223372036854775808"),
    "true for a seed": (["seed=true"], "seed=True is not allowed"),
    "limit of NaN": (["data.train_limit=nan"], "data.train_limit=nan"),
    "word for a list": (
        ["model.hidden=abc"],
        "model.hidden=abc is not allowed: it must be a valid",
    ),
    "no such choice of two types": (
        ["data=image_folder", "data.streaming=perhaps"],
        "data.streaming=perhaps is not allowed: it must be a valid boolean or 'auto'",
    ),
    "decay to nothing": (["schedule.gamma=0"], "schedule.gamma=0 is not allowed"),
    "milestones before the start": (
        ["schedule=multistep", "schedule.milestones=[-5]"],
        "schedule.milestones.0=-5",
    ),
    "a word for a number that names jobs": (
        ["data.train_limit=two"],
        "data.train_limit=two is not allowed: it must be a valid integer",
    ),
    "a decimal comma": (["optimizer.lr=0,1"], "write a point: optimizer.lr=0.1"),
    "a whole number and a comma": (
        ["study=my runs", "seed=0,1", "--config-dir", "."],
        "seed=0,1 asks for several runs: add -m for a grid, python run.py -m --config-dir . "
        "'study=\"my runs\"' seed=0,1 logger=csv trainer.progress=false trainer.max_epochs=1\n",
    ),
    "several options without a grid": (
        ["corruption=none,random_labels", "trainer.max_epochs=1"],
        "add -m for a grid, python run.py -m corruption=none,random_labels trainer.max_epochs=1",
    ),
    "a setting of the task and of a group": (
        ["task=factorization", "rank=8"],
        "rank is not a setting. Did you mean factorization.rank?",
    ),
    "a list without brackets": (["model.hidden=8,8,8"], "brackets: 'model.hidden=[8,8,8]'"),
    **{
        f"two classes as {what}": (
            [*words, f"data.binary={given}"],
            f"{told} is not allowed: it must be two lists of numbers of classes",
        )
        for what, words, given, told in (
            ("names", [], "a,b", "data.binary=a,b"),
            ("names in a grid", ["-m"], "a,b", "data.binary=a"),
            ("a list of names", [], "[a,b]", "data.binary: a"),
            ("lists of names", [], "[[a],[b]]", "data.binary: a"),
            ("one list", [], "[[0]]", "data.binary=[[0]]"),
        )
    },
    "several ways to make two classes": (
        ["data.binary=[[0],[1]],[[1],[0]]"],
        "data.binary=[[0],[1]],[[1],[0]] asks for several runs: add -m",
    ),
    "several maps of classes": (
        ["corruption=asymmetric_labels", "corruption.classes=mnist,cifar10"],
        "corruption.classes=mnist,cifar10 asks for several runs: add -m",
    ),
    "a list for a map of classes": (
        ["corruption=asymmetric_labels", "corruption.classes=[circle]"],
        "corruption.classes=['circle'] is not allowed: it must be mnist, cifar10, cifar100, or "
        "which class becomes which, by name or by number from 0, e.g. 'corruption.classes={0:1}'.",
    ),
    "a word for epochs of layers": (["start.rewind=head"], "e.g. 'start.rewind={head:5}'"),
    "a word for a mapping": (
        ["-m", "hydra/launcher=slurm", "hydra.launcher.options=x"],
        "hydra.launcher.options=x is not allowed: it must be pairs, as in "
        "'hydra.launcher.options={name:value}'",
    ),
    **{
        f"a model of torchvision, {name}": (
            [f"model={name}"],
            f"model={name} does not exist. It is one of torchvision: model=torchvision "
            f"model.architecture={meant}\n",
        )
        for name, meant in (("resnet18", "resnet18"), ("ViT-B-16", "vit_b_16"))
    },
    "a model of nobody": (["model=resnet19"], "Did you mean model=wide_resnet_10?"),
    "part of a name": (["epochs=10"], "epochs is not a setting. Did you mean trainer.max_epochs?"),
    "a seed of weights without a network": (
        ["task=kernel", "seeds.initialization=1"],
        "seeds.initialization has no effect on task=kernel",
    ),
    "fixed whitening of nothing": (
        ["data.whitening=fixed", "data.mean=0.5"],
        "data.whitening=fixed needs data.mean and data.std",
    ),
    "a mean that is not used": (["data.mean=0.5"], "data.mean has no effect with data.whitening"),
    "more means than channels": (
        ["data.whitening=fixed", "data.mean=[0.5,0.4]", "data.std=0.2"],
        "data.mean=[0.5, 0.4] has 2 numbers, and these images have 1 channel",
    ),
    "deviation of zero": (
        ["data.whitening=fixed", "data.mean=0.5", "data.std=[0]"],
        "data.std.0=0 is not allowed",
    ),
    "warm-up from nowhere": (
        ["schedule.warmup_epochs=5"],
        "schedule.warmup_epochs and schedule.warmup_factor go together",
    ),
    "two warm-ups": (
        ["schedule=one_cycle", "schedule.warmup_epochs=5", "schedule.warmup_factor=0.1"],
        "schedule.warmup_epochs is impossible with schedule=one_cycle",
    ),
    "Nesterov without momentum": (
        ["optimizer.nesterov=true", "optimizer.momentum=0"],
        "optimizer.nesterov=true is impossible with optimizer.momentum=0",
    ),
    "negative penalty": (
        ["regularizer=weight_decay", "regularizer.weight_decay.coefficient=-1"],
        "coefficient=-1 is not allowed",
    ),
    "noise of NaN": (
        ["regularizer=weight_noise", "regularizer.weight_noise.std=nan"],
        "regularizer.weight_noise.std=nan",
    ),
    "more than half a turn": (
        ["regularizer=augmentation", "regularizer.augmentation.degrees=400"],
        "degrees=400",
    ),
    "crops without room": (
        ["regularizer=random_crop", "regularizer.random_crop.padding=0"],
        "regularizer=random_crop has no room",
    ),
    "endless padding": (
        ["regularizer=random_crop", "regularizer.random_crop.padding=1000000"],
        "less than or equal to 256",
    ),
    "no threads": (["trainer.threads=0"], "trainer.threads=0"),
    "millions of threads": (["trainer.threads=100000000"], "less than or equal to 1024"),
    "epochs beyond counting": (["trainer.max_epochs=99999999999999999999"], "less than 2147483648"),
    "unknown precision": (["trainer.precision=8"], "'32-true', '64-true'"),
    "unknown device": (
        ["trainer=cuda"],
        "trainer=cuda does not exist. Allowed: auto, cpu, ddp, gpu",
    ),
    "unknown kind of device": (["trainer.accelerator=tpu"], "'auto', 'cpu' or 'gpu'"),
    "batch beyond counting": (["data.batch_size=99999999999999999999"], "less than 2147483648"),
    "all held out": (["data.val_fraction=1"], "data.val_fraction=1 is not allowed"),
    "text of a missing reference": (["study=${nope}"], "study: Interpolation key 'nope' not found"),
    "reference to itself": (["study=${study}"], "study: Recursive interpolation detected"),
    "unknown kind of reference": (["study=${zzz:1}"], "study: Unsupported interpolation type zzz"),
    "value to be given": (["study=???"], "study: Missing mandatory value: study"),
    "no folder for outputs": (["outputs=''"], "outputs= is not allowed"),
    "pictures of no corruption": (["task=show", "show.corruptions=[]"], "at least 1 entries"),
    "pictures of an unknown corruption": (
        ["task=show", "show.corruptions=[zzz]"],
        "corruption zzz",
    ),
    "a chain without a link": (
        ["corruption=chain", "corruption.steps=[]"],
        "corruption.steps=[] is not allowed",
    ),
    "SQL without runs": (["task=query"], "outputs=outputs has no finished run to ask about"),
}


@pytest.mark.parametrize(("arguments", "tells"), CASES.values(), ids=list(CASES))
def test_refused(refuse: Refuse, arguments: list[str], tells: str) -> None:
    refuse(arguments, tells)


def test_a_gpu_where_there_is_none(refuse: Refuse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    refuse(["trainer=gpu"], "trainer=gpu: torch finds no GPU here")


def test_flags_may_stand_between_overrides(run: Run) -> None:
    answer = run("task=show", "--cfg", "job", "seed=7")
    assert answer.code == 0
    assert "seed: 7" in answer.out
    assert run("seed=1", "-m", "model=incepton").err.startswith("nullfit: model=incepton does not")


@pytest.mark.parametrize(
    ("words", "given", "joined"),
    [
        (["model", "=", "mlp"], "model = mlp", "model=mlp"),
        (["model", "=mlp", "seed=1"], "model =mlp", "model=mlp"),
        (["seed=1", "model=", "mlp"], "model= mlp", "model=mlp"),
        (["model", "="], "model =", "model="),
        (["model = mlp"], "model = mlp", "model=mlp"),
        (["model.hidden", "=", "[1, 2]"], "model.hidden = [1, 2]", '"model.hidden=[1, 2]"'),
    ],
)
def test_spaces_around_an_equals_sign_are_refused(
    run: Run, words: list[str], given: str, joined: str
) -> None:
    answer = run(*words, "logger=csv")
    assert answer.code == 2
    assert answer.err == f"nullfit: {given} has spaces around =: leave them out, {joined}\n"


def test_spaces_within_a_text_are_none_around_an_equals_sign(run: Run) -> None:
    told = run("task=query", "sql=select job as x where seed = 1", "corruption=", "logger=csv").err
    assert "spaces" not in told


def test_a_mistyped_option_is_said_without_a_look_at_torchvision(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nullfit.models.torchvision", None)  # an import is an error
    assert "Did you mean model=inception?" in run("model=incepton", "logger=csv").err
