"""The message about the jobs of a grid that cannot run."""

from collections.abc import Collection, Mapping

from nullfit.errors import UserError, by_reason

Overrides = tuple[str, ...]  # of a job, as they stand on the command line

_MOST_REASONS = 10


def refusal(jobs: Collection[Overrides], refused: Mapping[Overrides, str]) -> UserError:
    """The error for a grid of ``jobs``, some of which are ``refused`` for a reason each."""
    reasons = by_reason(refused)
    varied = _Varied(jobs)
    lines = [f"  {varied.named(who)}: {' '.join(why.split())}" for why, who in reasons.items()]
    if len(lines) > _MOST_REASONS:
        lines[_MOST_REASONS:] = [f"  and {len(lines) - _MOST_REASONS} more reasons"]
    head = f"{len(refused)} of {len(jobs)} jobs of this grid cannot run, so none was begun:"
    return UserError("\n".join([head, *lines]))


class _Varied:
    """The overrides in which the jobs of a grid differ."""

    def __init__(self, jobs: Collection[Overrides]) -> None:
        self._jobs = jobs
        self._common = set.intersection(*map(set, jobs))

    def named(self, concerned: list[Overrides]) -> str:
        """Some of the jobs in a few words: what they alone have in common, and an example."""
        example = [word for word in concerned[0] if word not in self._common]
        if len(concerned) == 1:
            return " ".join(example or concerned[0]) or "its only job"
        shared = set.intersection(*map(set, concerned))
        own = [word for word in example if word in shared]
        rest = [word for word in example if word not in shared]
        having = [job for job in self._jobs if shared.issubset(job)]
        if own and rest and len(having) == len(concerned):
            return f"{' '.join(own)} ({len(concerned)} jobs, e.g. {' '.join(rest)})"
        return f"{len(concerned)} jobs, e.g. {' '.join(example)}"
