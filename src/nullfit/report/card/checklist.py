"""The questions of the machine-learning reproducibility checklist, as far as files answer them.

After Pineau et al. 2021, "Improving reproducibility in machine learning research" (JMLR 22, 164),
in our words.
"""

from collections.abc import Sequence

from nullfit.data.copies import counted_copies
from nullfit.report.card.cost import seconds_of
from nullfit.report.card.data import PUBLISHED, is_ours, name_of
from nullfit.report.card.grid import varied, varied_parts
from nullfit.report.card.markup import section, table
from nullfit.report.summary import by_task, copies_notes, data_note, many
from nullfit.results.grouping import groups_of
from nullfit.results.study import Study
from nullfit.results.task_run import TaskRun

NOT_KNOWN = "not known to the files"
_SPLIT = ("train_limit", "test_limit", "val_fraction", "left_out", "leave_out")


def checklist_section(study: Study) -> str:
    """Each question with its answer, by topic."""
    rows = [
        {"topic": topic, "question": question, "answer": answer}
        for topic, answers in {
            "model": _of_models(study),
            "data": _of_data(study.every_run),
            "code": _of_code(study.every_run),
            "experiments": _of_experiments(study),
        }.items()
        for question, answer in answers.items()
    ]
    note = (
        "After the machine-learning reproducibility checklist (Pineau et al. 2021, JMLR 22), in "
        f"other words. Where it says “{NOT_KNOWN}”, the author has to answer."
    )
    return section("Reproducibility checklist", table(rows), note)


def _of_models(study: Study) -> dict[str, str]:
    runs = study.runs
    networks = "; ".join(dict.fromkeys(run.network for run in runs))
    counts = {run.result["model"].get("parameters") for run in runs} - {None}
    sizes = ", ".join(f"{count:,}" for count in sorted(counts)) or NOT_KNOWN
    return {
        "Which models, with which settings?": f"{networks or 'as the tasks define them'}; "
        "see Training; all settings in config.yaml",
        "How many parameters?": sizes,
        "What does it cost by size (time, memory, samples)?": "time: see Cost; operations: "
        "task=summary; memory and samples needed: not known to the files",
        "Which assumptions, and proofs of what is claimed in theory?": NOT_KNOWN,
    }


def _of_data(runs: Sequence[TaskRun]) -> dict[str, str]:
    ours = {name_of(run) for run in runs if is_ours(run)}
    names = list(dict.fromkeys(filter(None, map(name_of, runs))))
    published = [name for name in names if name in PUBLISHED and name in ours]
    where = f"{', '.join(published)}: their publishers, by data.download=true" if published else ""
    shipped = ["digits"] if "digits" in ours else []
    others = [name for name in names if name not in (*published, *shipped)]
    own = f"{', '.join(others)}: {NOT_KNOWN}" if others else ""
    return {
        "How many samples, classes, of what size?": data_note(runs) or NOT_KNOWN,
        "How were training, validation and test samples split?": _told(runs, _SPLIT)
        + "; otherwise as the source splits",
        "What was left out, and how were samples prepared?": "see Data, Training, Corruptions",
        "Where can the data be had?": "; ".join(
            filter(None, [where, *(f"{name}: with scikit-learn" for name in shipped), own])
        )
        or NOT_KNOWN,
        "New data: how were they collected, checked, and agreed to?": " Else ".join(
            [" ".join(copies_notes(runs, counted_copies)), NOT_KNOWN]
        ).removeprefix(" Else "),
    }


def _told(runs: Sequence[TaskRun], keys: Sequence[str]) -> str:
    """The values of settings of data."""
    found = {
        key: dict.fromkeys(str(run.config["data"][key]) for run in runs if _has(run, key))
        for key in keys
    }
    told = [f"data.{key}={' or '.join(values)}" for key, values in found.items() if values]
    return ", ".join(told).replace("None", "null") or NOT_KNOWN


def _has(run: TaskRun, key: str) -> bool:
    return key in (run.config.get("data") or {})


def _of_code(runs: Sequence[TaskRun]) -> dict[str, str]:
    commands = sum(bool(run.result.get("command")) for run in runs)
    weights = sum((run.folder / "checkpoints" / "final.ckpt").is_file() for run in runs)
    committed = sum("commit" in run.result.get("versions", {}) for run in runs)
    of = f"of {many(len(runs), 'run')}"
    return {
        "Which dependencies?": "see Versions",
        "Is the code for training there, at a known state?": "nullfit, version as in Versions; "
        f"commit recorded of {committed} {of}",
        "Is the code for evaluation there?": "task=evaluate checkpoint=<run's folder>; "
        "task=table, report and card study=<name>",
        "Are trained models there?": f"checkpoints/final.ckpt {weights} {of}",
        "Which commands give these results?": f"recorded of {commands} {of}: result.json, see Grid",
        "Where is the code published, under which licence?": "nullfit: MIT, see "
        "LICENSE; code of your own: not known to the files",
    }


def _of_experiments(study: Study) -> dict[str, str]:
    keys = list(dict.fromkeys(key for runs in by_task(study).values() for key in varied(runs)))
    sizes = sorted({len(g.runs) for runs in by_task(study).values() for g in groups_of(runs)})
    n = f"{sizes[0]}" if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"
    seconds = seconds_of(study.every_run)
    mean = f"{sum(seconds) / len(seconds):.1f} s" if seconds else NOT_KNOWN
    parts = ", ".join(varied_parts(study)) or "none"
    devices = dict.fromkeys(str(run.result.get("device", NOT_KNOWN)) for run in study.every_run)
    return {
        "Which values of hyperparameters were tried, and how were they chosen?": (
            f"in this study: {', '.join(keys) or 'one value of each'}, see Grid; what was tried "
            "elsewhere and how values were chosen: not known to the files"
        ),
        "How many runs of each setting?": f"{n}; seeds varied: {parts}",
        "How is what is reported defined?": "accuracy: share of right predictions in evaluation "
        "mode, see Results; fields of result.json",
        "Is there a mean with its variation, and which?": "mean ± standard deviation over seeds "
        "(n − 1), 95 % t interval; see Results",
        "How long does a run take, and how much energy?": f"{mean} in the mean; energy: not "
        "known to the files",
        "On which machines?": f"{', '.join(devices)}; more than the device and threads: not known "
        "to the files",
    }
