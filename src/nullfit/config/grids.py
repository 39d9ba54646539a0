"""The jobs of a grid that is a union of products.

Table 1 of the reference study is no product: not every network was run with every regularizer.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import islice, product
from math import prod
from typing import Any

from hydra.core.override_parser.types import Override
from hydra.errors import HydraException

from nullfit.config.several_probes import GROUP, apart

Parse = Callable[[list[str]], list[Override]]
_MOST_JOBS = 100_000
Axes = dict[str, list[str]]  # what a grid varies, and the overrides that it chooses from


def grid_jobs(
    parse: Parse,
    params: Mapping[str, Any] | None,
    grids: Sequence[Mapping[str, Any]] | None,
    given: Sequence[Override],
) -> list[list[str]]:
    """The overrides of each job: the union of the products of ``grids``, each job once.

    Every grid is joined with ``params``; both map keys to values as one would write them after
    ``key=`` on the command line. ``given`` are the overrides of the command line. Values that
    occur in the grids select from them (``model=alexnet`` leaves Alexnet's jobs); others take the
    place of the grids' own.

    Raises:
        HydraException: a sweep that has no list of values, such as ``interval(0,1)``, or an empty
            one.
    """
    common = dict(params or {})
    products = [
        _axes(parse([f"{key}={value}" for key, value in {**common, **grid}.items()]))
        for grid in (grids or [{}])
    ]
    for key, wanted in _axes(given).items():
        offered = {choice for axes in products for choice in axes.get(key, [])}
        selects = offered.issuperset(wanted)
        for axes in products:
            own = axes.get(key, wanted) if selects else wanted
            axes[key] = [choice for choice in wanted if choice in own]
    if sum(prod(map(len, axes.values())) for axes in products) > _MOST_JOBS:
        raise HydraException(f"the grid has more than {_MOST_JOBS:,} jobs")
    jobs = dict.fromkeys(job for axes in products for job in product(*axes.values()))
    probes = {choice for axes in products for choice in axes.get(GROUP, [])}
    means = {choice: apart(parse([choice])[0]) for choice in probes}
    return [[own for word in job for own in means.get(word, [word])] for job in jobs]


def product_of(
    typed: Sequence[Override], jobs: Collection[Sequence[str]]
) -> list[tuple[str, list[str]]] | None:
    """What the ``jobs`` of a grid vary, with the values as they are written after ``key=``.

    What has one value everywhere is left out; None where the jobs are no product.
    """
    varied: dict[str, dict[str, None]] = {}
    fixed = {o.get_key_element() for o in typed if not o.is_sweep_override()}
    for job in jobs:
        for key, _, value in (word.partition("=") for word in job):
            if key not in fixed:
                varied.setdefault(key, {})[value] = None
    if prod(map(len, varied.values())) != len(jobs):
        return None
    return [(key, list(values)) for key, values in varied.items() if len(values) > 1]


def _axes(overrides: Sequence[Override]) -> Axes:
    axes = {}
    for override in overrides:
        key = override.get_key_element()
        if not override.is_sweep_override():
            axes[key] = [f"{key}={override.get_value_element_as_str()}"]
        elif override.is_discrete_sweep():
            values = islice(override.sweep_string_iterator(), _MOST_JOBS + 1)
            axes[key] = [f"{key}={value}" for value in values]
            if not axes[key]:
                raise HydraException(f"{override.input_line} has no values: a grid needs one")
        else:
            raise HydraException(
                f"{override.input_line} has no list of values: a grid needs one, and "
                "hydra/sweeper=optuna searches intervals"
            )
    return axes
