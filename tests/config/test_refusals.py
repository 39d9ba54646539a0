"""Bad settings are refused in a line or two that name the key, the value and what is allowed."""

import pytest

from nullfit.config.composer import composer
from nullfit.config.plan import compose_grid
from nullfit.config.validation import validate
from nullfit.errors import UserError

REFUSALS = {
    "option with a typo": (["model=incepton"], "model=incepton", "Did you mean model=inception?"),
    "unknown option": (["data=zzz"], "data=zzz", "Allowed: cifar10"),
    "group with a typo": (["modl=inception"], "modl", "Did you mean model?"),
    "key with a typo": (["trainer.max_epoch=3"], "trainer.max_epoch ", "trainer.max_epochs?"),
    "key of a model with a typo": (["model.hiddn=3"], "model.hiddn", "model.hidden?"),
    "unknown key": (["trainer.zzz=3"], "trainer.zzz", "Allowed: accelerator"),
    "added key": (["+new.key=1"], "new.key", "is not a setting"),
    "forced key": (["++trainer.new=1"], "trainer.new", "is not a setting"),
    "added key of a model": (["+model.width=3"], "model.width", "Allowed: bias, dropout, hidden"),
    "key of another task": (["checkpoint=x"], "checkpoint", "is not a setting"),
    "word for a number": (["trainer.max_epochs=abc"], "trainer.max_epochs=abc", "integer"),
    "fraction for a whole number": (["trainer.max_epochs=1.5"], "max_epochs=1.5", "integer"),
    "number for a switch": (["data.download=3"], "data.download=3", "boolean"),
    "zero epochs": (["trainer.max_epochs=0"], "trainer.max_epochs=0", "greater than 0"),
    "negative epochs": (["trainer.max_epochs=-3"], "trainer.max_epochs=-3", "greater than 0"),
    "negative rate": (["optimizer.lr=-1"], "optimizer.lr=-1", "greater than 0"),
    "rate that is no number": (["optimizer.lr=nan"], "optimizer.lr=nan", "finite"),
    "infinite rate": (["optimizer.lr=inf"], "optimizer.lr=inf", "finite"),
    "momentum of one": (["optimizer.momentum=1"], "optimizer.momentum=1", "less than 1"),
    "one beta": (["optimizer=adam", "optimizer.betas=[0.9]"], "optimizer.betas", "at least 2"),
    "negative seed": (["seed=-1"], "seed=-1", "greater than or equal to 0"),
    "empty seed": (["seed=null"], "seed=null", "integer"),
    "accuracy above one": (["trainer.stop_at_train_accuracy=99"], "=99", "less than or equal to 1"),
    "probability above one": (
        ["corruption=random_labels", "corruption.probability=1.5"],
        "corruption.probability=1.5",
        "less than or equal to 1",
    ),
    "negative noise": (["corruption=gaussian_noise", "corruption.sigma=-1"], "sigma=-1", "0"),
    "hole in the hidden layers": (["model.hidden=[0]"], "model.hidden.0=0", "greater than 0"),
    "number out of bounds where a list is allowed": (
        ["task=memorization", "memorization.share=70"],
        "memorization.share=70",
        "allowed: it must be less than 1.",
    ),
    "entry of a list where a number is allowed": (
        ["task=memorization", "memorization.share=[0.5,70]"],
        "memorization.share.1=70",
        "allowed: it must be less than 1.",
    ),
    "word where a number or a list is allowed": (
        ["task=memorization", "memorization.share=x"],
        "memorization.share=x",
        "allowed: it must be a valid number or a valid list.",
    ),
    "split that does not exist": (["corruption.apply_to=all"], "apply_to=all", "'train', 'test'"),
    "corrupted test labels": (
        ["corruption=random_labels", "corruption.apply_to=both"],
        "corruption.apply_to=both",
        "test labels are never corrupted",
    ),
    "splits of a chain": (["corruption=chain", "corruption.apply_to=test"], "apply_to=test", "own"),
    "empty chain": (["corruption=chain", "corruption.steps=[]"], "steps=[]", "give a list"),
    "step with a typo": (
        ["corruption=chain", "corruption.steps=[random_label]"],
        "corruption random_label ",
        "Did you mean random_labels?",
    ),
    "setting of a step": (
        ["corruption=chain", "corruption.steps=[{name: gaussian_noise, sigma: -1}]"],
        "sigma=-1",
        "greater than or equal to 0",
    ),
    "dropout without a layer for it": (
        ["model=cnn_15x15", "regularizer=dropout"],
        "regularizer=dropout",
        "no dropout layer",
    ),
    "dropout said twice": (
        ["model.dropout=0.3", "regularizer=dropout"],
        "model.dropout=0.3",
        "contradict",
    ),
    "half precision on a CPU": (
        ["trainer=cpu", "trainer.precision=16-mixed"],
        "trainer.precision=16-mixed",
        "needs a GPU",
    ),
    "way of compiling that does not exist": (
        ["trainer.compile=fast"],
        "trainer.compile=fast",
        "'default', 'reduce-overhead' or 'max-autotune'",
    ),
    "compiled as the clock says": (
        ["trainer.compile=max-autotune"],
        "trainer.compile=max-autotune",
        "trainer.deterministic=false",
    ),
    "compiled in several processes": (
        ["trainer.compile=default", "trainer=ddp"],
        "trainer.compile=default",
        "trainer.devices=2",
    ),
    "compiled with other weights each step": (
        ["trainer.compile=default", "regularizer=weight_noise"],
        "trainer.compile=default",
        "leave the noise out",
    ),
    "size for images that are not read from files": (
        ["data.image_size=32"],
        "data.image_size=32",
        "image_folder",
    ),
    "study that leaves its folder": (["study=../x"], "study=../x", "letters, digits"),
    "study with a slash": (["study=a/b"], "study=a/b", "letters, digits"),
    "hidden study": (["study=.x"], "study=.x", "letters, digits"),
    "job that leaves its folder": (["job=../../x"], "job=../../x", "letters, digits"),
    "logger mode with a typo": (["logger.mode=onlin"], "logger.mode=onlin", "'offline'"),
    "logger that does not exist": (["logger.name=mlflow"], "logger.name", "'wandb'"),
    "foreign target": (["model._target_=os.system"], "model._target_=os.system", "not allowed"),
    "aliased target": (
        ["model._target_=nullfit.models.build.torch.load"],
        "nullfit.models.build.torch.load",
        "cannot be imported",
    ),
    "target elsewhere in nullfit": (
        ["model._target_=nullfit.cli.os.system"],
        "nullfit.cli.os.system",
        "must lie in one of ['nullfit.models']",
    ),
    "target that is imported elsewhere": (
        ["model._target_=nullfit.models.build.Callable"],
        "nullfit.models.build.Callable",
        "not a function or class of",
    ),
    "target with a typo": (
        ["model._target_=nullfit.models.Inceptoin"],
        "nullfit.models.Inceptoin",
        "Did you mean Inception?",
    ),
    "removed section": (["~trainer"], "trainer.accelerator is missing", "give it a value"),
    "name from elsewhere": (["max_epochs=3"], "max_epochs", "Did you mean trainer.max_epochs?"),
    "removed key": (
        ["~trainer.fit_threshold"],
        "trainer.fit_threshold is missing",
        "give it a value",
    ),
    "grid without -m": (["seed=0,1"], "seed=0,1", "add -m"),
    "broken override": (["model=[1"], "'[1'", "key=value"),
}


@pytest.mark.parametrize(("overrides", "names", "tells"), REFUSALS.values(), ids=list(REFUSALS))
def test_refused_in_a_line_or_two(overrides, names, tells) -> None:
    def compose_and_validate() -> None:
        with composer():
            (config,) = compose_grid(overrides, multirun=False).configs
            validate(config)

    with pytest.raises(UserError) as refusal:
        compose_and_validate()
    message = str(refusal.value)
    assert names in message
    assert tells in message
    assert len(message.splitlines()) <= 2


def test_a_typo_in_a_grid_is_refused_before_its_first_job() -> None:
    with composer(), pytest.raises(UserError, match="Did you mean model=inception"):
        compose_grid(["model=mlp_1x512,incepton"], multirun=True)


def test_a_folder_of_options_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UserError, match="there is no such folder"), composer("/no/such/folder"):
        pass
