"""Settings that are fine one by one and impossible together."""

from nullfit.config.identity import used_groups
from nullfit.config.schema import RunConfig
from nullfit.config.sections.options import DataConfig, ScheduleConfig
from nullfit.errors import UserError, shown

# Tasks that only read what others wrote.
WITHOUT_RECORD = {
    *("card", "query", "report", "scoreboard", "show", "summary", "sweep_file", "table"),
}
# Tasks that measure on further test sets.
_TESTING = ("train", "evaluate", "kernel")
# Tasks that train on no samples.
_UNTRAINED = WITHOUT_RECORD | {"clean", "dashboard", "sync"}


def refuse_impossible(run: RunConfig) -> None:
    """See that no settings contradict each other, and that each has an effect on the task.

    Raises:
        UserError: some do, or one has none.
    """
    trainer = run.trainer
    if trainer.accelerator == "cpu" and trainer.precision.startswith("16"):
        raise UserError(
            f"trainer.precision={trainer.precision} needs a GPU; on the CPU use 32-true or 64-true."
        )
    if trainer.compile is not None:
        _refuse_compilation(run)
    _refuse_seeds_without_effect(run)
    _refuse_whitening(run.data)
    _refuse_warmup(run.schedule)
    sgd = run.optimizer.settings
    if sgd.get("nesterov") is True and sgd.get("momentum") == 0:
        raise UserError(
            "optimizer.nesterov=true is impossible with optimizer.momentum=0: it is a way of using "
            "momentum. Give one above 0, or optimizer.nesterov=false."
        )
    for section, probe in run.probe_sections.items():
        if probe.target is None:
            raise UserError(
                f"probe={probe.name} has no {section}._target_, the class that looks on: name it "
                f"in conf/probe/{probe.name}.yaml, or use probe=none."
            )
        if run.task.name != "train":
            raise UserError(
                f"probe={probe.name} has no effect on task={run.task.name}: it looks on while a "
                "network is trained. Leave it out, or use task=train."
            )
    if run.data.test_corruptions is not None and run.task.name not in _TESTING:
        raise UserError(
            f"data.test_corruptions={shown(run.data.test_corruptions)} has no effect on "
            f"task={run.task.name}: it is for {', '.join(_TESTING)}.\nLeave it out: "
            "data.test_corruptions=null."
        )
    if run.data.leave_out is not None and run.task.name in _UNTRAINED:
        raise UserError(
            f"data.leave_out={shown(run.data.leave_out)} has no effect on task={run.task.name}, "
            "which trains on nothing. Leave it out."
        )
    _refuse_weights(run)
    if trainer.record_confusion and run.task.name != "train":
        raise UserError(
            f"trainer.record_confusion=true has no effect on task={run.task.name}, which keeps no "
            "confusion matrix by epoch. Leave it out, or use task=train."
        )


def _refuse_weights(run: RunConfig) -> None:
    """Weights to be kept, frozen or begun with, where there are none."""
    keep, most, start = run.trainer.keep_epochs, run.trainer.max_epochs, run.start
    given = {
        "trainer.keep_epochs": keep,
        "start.run": start.run,
        "start.layers": start.layers,
        "start.epoch": start.epoch,
        "start.rewind": start.rewind,
        "freeze": run.freeze,
    }
    for key, value in given.items():
        if value is not None and run.task.name != "train":
            raise UserError(
                f"{key}={shown(value)} has no effect on task={run.task.name}: leave it out, or use "
                "task=train."
            )
    for key in ("start.layers", "start.epoch", "start.rewind"):
        if given[key] is not None and start.run is None:
            raise UserError(
                f"{key}={shown(given[key])} says what is taken from another run: name that run, "
                "start.run=outputs/first/<job>."
            )
    if run.freeze is not None and run.trainer.compile is not None:
        raise UserError(
            f"freeze={shown(run.freeze)} is impossible with trainer.compile={run.trainer.compile}, "
            "by which all of a network is in training mode. Use trainer.compile=null."
        )
    if keep is not None and most is not None and max(keep) > most:
        raise UserError(
            f"trainer.keep_epochs={shown(keep)} has an epoch that does not come: "
            f"trainer.max_epochs={most}. Name epochs from 0, before training, to {most}."
        )


def _refuse_seeds_without_effect(run: RunConfig) -> None:
    if not run.seeds.given:
        return
    used = used_groups(run.plain())
    for name in run.seeds.given:
        if ("corruption" if name == "corruption" else "model") not in used:
            raise UserError(
                f"seeds.{name} has no effect on task={run.task.name}, which has none of its own to "
                "draw. Leave it out."
            )


def _refuse_whitening(data: DataConfig) -> None:
    given = [f"data.{key}" for key in ("mean", "std") if getattr(data, key) is not None]
    if data.whitening == "fixed" and len(given) < 2:
        raise UserError(
            "data.whitening=fixed needs data.mean and data.std, of pixels from 0 to 1: one number, "
            "or one for each channel, e.g. data.mean=0.5 data.std=0.5."
        )
    if given and data.whitening != "fixed":
        raise UserError(
            f"{given[0]} has no effect with data.whitening={data.whitening}: add "
            f"data.whitening=fixed, or set {' and '.join(given)} to null."
        )


def _refuse_warmup(schedule: ScheduleConfig) -> None:
    if (schedule.warmup_epochs is None) != (schedule.warmup_factor is None):
        raise UserError(
            "schedule.warmup_epochs and schedule.warmup_factor go together, e.g. "
            "schedule.warmup_epochs=5 schedule.warmup_factor=0.1: give both, or null to both."
        )
    if schedule.warmup_epochs is not None and schedule.name == "one_cycle":
        raise UserError(
            "schedule.warmup_epochs is impossible with schedule=one_cycle, which has a warm-up of "
            "its own: schedule.warmup_fraction."
        )


def _refuse_compilation(run: RunConfig) -> None:
    trainer = run.trainer
    asked = f"trainer.compile={trainer.compile}"
    if trainer.compile == "max-autotune" and trainer.deterministic:
        raise UserError(
            f"{asked} is impossible with trainer.deterministic=true: it chooses by the clock, and "
            "other bits may come out each time. Use trainer.deterministic=false, or another mode."
        )
    if trainer.processes > 1:
        raise UserError(
            f"{asked} is impossible with trainer.devices={trainer.devices} × trainer.nodes="
            f"{trainer.nodes}: one process alone is compiled. Use trainer.compile=null."
        )
    if run.regularizer.weight_noise is not None:
        raise UserError(
            f"{asked} is impossible with regularizer=weight_noise, which puts other weights into "
            "the network at each step. Use trainer.compile=null, or leave the noise out."
        )
