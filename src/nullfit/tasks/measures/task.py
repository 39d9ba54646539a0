"""``task=measures``: norms, margins and sharpness of finished trainings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nullfit.config.folders import named_folder
from nullfit.config.schema import RunConfig
from nullfit.console.messages import name_files, say, warn
from nullfit.errors import UserError
from nullfit.report.summary import many
from nullfit.results.result import RESULT, Result, read_result
from nullfit.results.settings import Setting, settings_of
from nullfit.results.study import Run, read_config, read_study
from nullfit.runs.outcome import begin, complete, finished, has_result
from nullfit.system.files import write_text
from nullfit.system.reading import is_regular
from nullfit.tasks.measures.settings import MeasuresSettings

if TYPE_CHECKING:
    import torch

    from nullfit.runs.preflight.look import Look
    from nullfit.tasks.measures.measured import Measured

TABLE = "measures.csv"


@dataclass(frozen=True)
class _Asked:
    """The trainings that are measured: those of a study, or a ``single`` one."""

    settings: list[Setting]
    single: bool

    @property
    def runs(self) -> list[tuple[Setting, Run]]:
        return [(setting, run) for setting in self.settings for run in setting.runs]


def measures(config: RunConfig, folder: Path, *, measures: MeasuresSettings) -> Result:
    """Measure a finished training, or each of a study.

    Of a study that has grown only the new runs are measured; runs that cannot be are left out, and
    told.

    Raises:
        UserError: there is no such run or study, or none of its runs can be measured.
    """
    from nullfit.tasks.measures.kept import digest_of
    from nullfit.training.device import chosen_device, device_name

    asked, device = _asked(measures), chosen_device(config.trainer)
    jobs = {run.folder.name: digest_of(run.folder, measures, config.seed) for _, run in asked.runs}
    if has_result(config, folder) and _is_of(folder, jobs):
        stored = finished(config, folder)
        assert stored is not None
        return stored
    from nullfit.tasks.measures import account

    found, left_out = _measured(config, folder, asked, measures, jobs, device)
    kept = [pair for pair in asked.runs if pair[1].folder.name in found]
    entries = [account.entry(setting, run, found[run.folder.name]) for setting, run in kept]
    told: dict[str, Any] = {"jobs": jobs, "left_out": left_out, "runs": entries}
    if asked.single:
        (only,) = found.values()
        told = {**only.fields, "undefined": only.undefined, **told}
    else:
        told |= account.study_fields(entries, [run for _, run in kept])
    say(f"{config.job}: measured {many(len(entries), 'run')}")
    for line in account.lines(entries, told):
        say(line)
    first = kept[0][1].result
    fields = {
        **({key: first[key] for key in ("model", "data", "corruption")} if asked.single else {}),
        "metrics": _metrics(entries, single=asked.single),
        "measures": told | _taken(config, measures),
        "device": device_name(device),
    }
    arrays = account.arrays([found[one["job"]] for one in entries], single=asked.single)
    write_text(folder / TABLE, account.table(entries))
    result = complete(config, folder, fields, arrays)
    name_files([folder / TABLE])
    return result


def _metrics(entries: Sequence[dict[str, Any]], *, single: bool) -> dict[str, Any]:
    if single:
        return {"generalization_gap": entries[0]["gap"]}
    return {"measured_runs": len(entries)}


def _taken(config: RunConfig, measures: MeasuresSettings) -> dict[str, Any]:
    """How the measures were taken."""
    told = measures.model_dump(exclude={"samples"})
    return {"taken": {**told, "seed": config.seed}}


def refuse_beforehand(config: RunConfig, look: "Look", *, measures: MeasuresSettings) -> None:
    """What `measures` refuses at its start.

    Raises:
        UserError: as `measures`.
    """
    look.device(config)
    look.file(lambda: _asked(measures), "measures", measures.run)


def _is_of(folder: Path, jobs: Mapping[str, str]) -> bool:
    """Whether the result that is there is of these runs as they are, and of all of them."""
    result = read_result(folder) or {}
    told = result.get("measures", {})
    return bool(told.get("jobs") == jobs and not told.get("left_out"))


def _asked(measures: MeasuresSettings) -> _Asked:
    if not measures.run:
        raise UserError(
            "task=measures needs measures.run=…: the folder of a finished training, or of a study "
            "of them, e.g. measures.run=outputs/first."
        )
    folder = named_folder("measures.run", measures.run)
    if is_regular(folder / RESULT):
        result = read_result(folder)
        assert result is not None
        if result["task"] != "train":
            raise UserError(
                f"measures.run={measures.run} is a run of task={result['task']}: give one of "
                "task=train, whose network is measured."
            )
        return _Asked(settings_of([Run(folder, result, read_config(folder))]), single=True)
    study = read_study(str(folder.parent), folder.name)
    if not study.runs:
        raise UserError(
            f"measures.run={measures.run} has no training among its {len(study.others)} runs: give "
            "a study of task=train."
        )
    return _Asked(settings_of(study.runs), single=False)


def _measured(
    config: RunConfig,
    folder: Path,
    asked: _Asked,
    measures: MeasuresSettings,
    jobs: Mapping[str, str],
    device: "torch.device",
) -> "tuple[dict[str, Measured], dict[str, str]]":
    """What was measured of each run, and why others were not."""
    from nullfit.console.progress import Progress
    from nullfit.tasks.measures.kept import keep, read_kept
    from nullfit.tasks.measures.measured import measure
    from nullfit.tasks.measures.trained_run import made_again

    found, left_out, begun = dict[str, Any](), dict[str, str](), False
    total = len(asked.runs)
    with Progress(config.job, total, shown=config.trainer.progress) as progress:
        progress.at(0)
        for _, run in asked.runs:
            own = folder / "runs" / run.folder.name
            digest = jobs[run.folder.name]
            kept = read_kept(own, digest)
            if kept is None:
                try:
                    kept = measure(run, made_again(run, config, device), measures, config.seed)
                except UserError as error:
                    left_out[run.folder.name] = " ".join(str(error).splitlines())
                    progress.advance()
                    continue
                if not begun:
                    begin(config, folder)
                    begun = True
                keep(own, digest, kept)
            found[run.folder.name] = kept
            progress.advance()
    if not found:
        name, reason = next(iter(left_out.items()))
        raise UserError(f"{name} cannot be measured: {reason}")
    for name, reason in left_out.items():
        warn(f"left out: {name} cannot be measured: {reason}")
    if not begun:
        begin(config, folder)
    return found, left_out
