"""How far a mean over seeds is to be trusted."""

import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass

LEVEL = 0.95  # of every interval


@dataclass(frozen=True)
class Interval:
    """The mean of ``n`` values, their standard deviation (n − 1), and an interval of the mean.

    ``sd``, ``low`` and ``high`` are None for one value.
    """

    mean: float
    sd: float | None
    low: float | None
    high: float | None
    n: int


def t_interval(values: Iterable[float | int]) -> Interval | None:
    """Student's t interval of the mean at `LEVEL`, n − 1 degrees of freedom; None of no values.

    It covers the mean over all seeds in 95 of 100 studies where the values are independent and
    normally distributed (Student 1908, Biometrika 6). It knows the variation over the seeds that
    varied and nothing else, such as another test set. It is not cut off at 0 and 1: an interval of
    accuracies that leaves them says that there are too few seeds.
    """
    from scipy.special import stdtrit  # noqa: PLC0415 - takes a while, and few need it

    found = [float(value) for value in values]
    if not found:
        return None
    mean = statistics.fmean(found)
    if len(found) == 1:
        return Interval(mean, None, None, None, 1)
    sd = statistics.stdev(found)
    half = float(stdtrit(len(found) - 1, (1 + LEVEL) / 2)) * sd / len(found) ** 0.5
    return Interval(mean, sd, mean - half, mean + half, len(found))


def interval_text(
    interval: Interval | None,
    form: Callable[[float], str],
    form_of_sd: Callable[[float], str] | None = None,
) -> str:
    """For people: "97.3 ± 0.4 [96.3, 98.3]", numbers as ``form`` writes them.

    ``form_of_sd`` writes the standard deviation, where it is not as the others.
    """
    if interval is None:
        return "–"
    if interval.sd is None or interval.low is None or interval.high is None:
        return form(interval.mean)
    ends = f"[{form(interval.low)}, {form(interval.high)}]"
    return f"{form(interval.mean)} ± {(form_of_sd or form)(interval.sd)} {ends}"
