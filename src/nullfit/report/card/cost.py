"""What a study cost, and with what it was computed."""

from collections import Counter
from collections.abc import Iterable, Sequence

from nullfit.charts.appearance import network_words
from nullfit.report.card.markup import section, table, text
from nullfit.report.card.words import range_words
from nullfit.report.summary import by_task
from nullfit.results.settings import Setting, networks_of
from nullfit.results.study import Study
from nullfit.results.task_run import TaskRun

_UNKNOWN = "unknown"


def cost_section(study: Study, settings: Sequence[Setting]) -> str:
    """Seconds by task; parameters, epochs and steps by network."""
    tasks = [
        {
            "task": task,
            "runs": len(runs),
            "seconds in all": f"{sum(seconds):,.1f}" if seconds else "–",
            "seconds of a run": range_words(seconds, "{:,.1f}".format),
            "device": _distinct(run.result.get("device") or _UNKNOWN for run in runs),
            "threads": _distinct(run.result.get("threads", _UNKNOWN) for run in runs),
        }
        for task, runs in by_task(study).items()
        for seconds in [seconds_of(runs)]
    ]
    networks = [
        {
            "network": network_words(network),
            "parameters": _distinct(_parameters(run) for run in runs),
            "epochs": range_words([run.result.get("epochs") for run in runs], "{:,}".format),
            "steps": range_words([run.result.get("steps") for run in runs], "{:,}".format),
        }
        for network, members in networks_of(settings).items()
        for runs in [[run for setting in members for run in setting.runs]]
    ]
    note = (
        "Wall time of the finished runs, as each measured it; interrupted and failed ones, and "
        "what was tried before, are not counted. Runs side by side share the machine. Energy was "
        "not measured."
    )
    # Of one network Training has them.
    by_network = table(networks) if len(networks) > 1 else ""
    return section("Cost", table(tasks), by_network, note)


def seconds_of(runs: Iterable[TaskRun]) -> list[float]:
    """The wall time of each run that tells it."""
    found = (run.result.get("wall_seconds") for run in runs)
    return [float(seconds) for seconds in found if seconds is not None]


def versions_section(study: Study) -> str:
    """All distinct versions, with how many runs have each where there are several."""
    runs = study.every_run
    names = dict.fromkeys(name for run in runs for name in run.result.get("versions", {}))
    packages = [
        f"{name} {_counted([run.result.get('versions', {}).get(name) for run in runs])}"
        for name in names
        if name != "commit"
    ]
    commits = [run.result.get("versions", {}).get("commit") for run in runs]
    if any(commits):
        code = (
            f"Commit of nullfit: {text(_counted(commits))}. Whether files differed from the commit "
            "is not known."
        )
    else:
        code = "Commit of nullfit: not recorded (runs of an installed package have none)."
    return section("Versions", text("; ".join(packages) + ".") if packages else "", code)


def _counted(values: Sequence[str | None]) -> str:
    counts = Counter(value or "not recorded" for value in values)
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(
        f"{value} ({number} of {len(values)} runs)" for value, number in counts.items()
    )


def _parameters(run: TaskRun) -> str:
    number = run.result["model"].get("parameters")
    return f"{number:,}" if isinstance(number, int) else _UNKNOWN


def _distinct(values: Iterable[object]) -> str:
    return ", ".join(dict.fromkeys(map(str, values)))
