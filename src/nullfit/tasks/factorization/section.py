"""What the report says of ``task=factorization``."""

from collections.abc import Sequence

import pandas

from nullfit.report.section import Material, NamedFigure, Section, spread_text
from nullfit.results.grouping import run_counts
from nullfit.results.spread import Spread
from nullfit.tasks.factorization.factorization_map import error_maps
from nullfit.tasks.factorization.factorization_settings import (
    FactorizationSetting,
    axes_of,
    best,
    by_matrix,
    elsewhere,
)
from nullfit.tasks.factorization.figures import error_map, factorization
from nullfit.tasks.factorization.verdict import worse_than_mean

_TEXT = [
    "A matrix as the product of two thin ones, fitted by alternating least squares to a random "
    "share of its observed entries and tested on the others; cells that were not observed have no "
    "weight in either. Errors are mean squared ones. Along each axis the other settings are those "
    "of the lowest test error on true entries.",
    "Destroyed training entries are fitted, too, and better with every rank: that shows in the "
    "training error alone. The test entries are always true ones.",
]
_CHOSEN = (
    "The lowest test error was chosen on the test entries themselves: it is a little too low as "
    "an estimate for new ones."
)


def sections(of: Material) -> list[Section]:
    """Curves and heat maps of every matrix."""
    matrices = by_matrix(of.runs)
    text, figures = list(_TEXT), []
    for number, (source, settings) in enumerate(matrices.items(), start=1):
        prefix = f"{source}: " if len(matrices) > 1 else ""
        stem = f"factorization_{number}" if len(matrices) > 1 else "factorization"
        text.append(_found(source, settings))
        curves = factorization(settings, _note(source, settings))
        figures.append(NamedFigure(stem, f"{prefix}errors", curves))
        for place, errors in enumerate(error_maps(settings)):
            note = (
                f"{_data(source, settings)} Trained on {errors.label}. "
                "Framed: the lowest test error."
            )
            figures.append(
                NamedFigure(
                    f"{stem}_map{f'_{place + 1}' if place else ''}",
                    f"{prefix}K × λ, {errors.label}",
                    error_map(errors, note),
                )
            )
    every = [setting for settings in matrices.values() for setting in settings]
    return [
        Section(
            title="Matrix factorization",
            text=text,
            warnings=[*([_CHOSEN] if len(every) > 1 else []), *_worse(every)],
            table=pandas.DataFrame([_row(setting, several=len(matrices) > 1) for setting in every]),
            figures=figures,
        )
    ]


def _worse(every: Sequence[FactorizationSetting]) -> list[str]:
    """How many runs on true entries are worse than the mean: destroyed ones cannot but be."""
    runs = [run for setting in every for run in setting.runs if run.corruption == "none"]
    worse = [run for run in runs if worse_than_mean(run.result) is not None]
    if not worse:
        return []
    return [
        f"{len(worse)} of {len(runs)} runs on true entries have a test error above that of "
        "predicting the training mean."
    ]


def _data(source: str, settings: Sequence[FactorizationSetting]) -> str:
    return f"Data: {source}. Mean over the seeds ({run_counts(settings)})."


def _note(source: str, settings: Sequence[FactorizationSetting]) -> str:
    at = best(settings)
    known = at.runs[0].result["factorization"]
    levels = {
        "the variance of the noise": known["noise_variance"],
        "the true rank": known["true_rank"],
    }
    drawn = [name for name, value in levels.items() if value]
    others = any(elsewhere(settings, key) for key in axes_of(settings))
    unless = " unless a panel's title says otherwise" if others else ""
    return (
        f"{_data(source, settings)} Bands reach from the lowest run to the highest. Along each "
        f"axis the other settings are those of the lowest test error: K = {at.values['rank']:g}, "
        f"λ = {at.values['lambda_u']:g}, p = {at.values['train_share']:g}{unless}."
        + (f" Grey: {' and '.join(drawn)}." if drawn else "")
    )


def _found(source: str, settings: Sequence[FactorizationSetting]) -> str:
    at = best(settings)
    about = at.runs[0].result["factorization"]
    lowest = (
        f"{source}: the lowest test error, {at.measured('test/mse').mean:.4g}, stands at K = "
        f"{at.values['rank']:g}, λ = {at.values['lambda_u']:g}"
    )
    if about["true_rank"] is None:
        return f"{lowest}; predicting the training mean gives {about['baseline_mse']:.4g}."
    return (
        f"{lowest}. The true rank is {about['true_rank']}, the noise has variance "
        f"{about['noise_variance']:.4g}, and predicting the training mean gives "
        f"{about['baseline_mse']:.4g}."
    )


def _row(setting: FactorizationSetting, *, several: bool) -> dict[str, str]:
    values, first = setting.values, setting.runs[0].result
    matrix = {"matrix": str(first["data"]["source"])} if several else {}
    return {
        **matrix,
        "corruption": setting.label,
        "K": f"{values['rank']:g}",
        "λ rows": f"{values['lambda_u']:g}",
        "λ columns": f"{values['lambda_v']:g}",
        "p": f"{values['train_share']:g}",
        "n": str(len(setting.runs)),
        "train error": _spread(setting.measured("train/mse")),
        "test error": _spread(setting.measured("test/mse")),
        "error of the mean": f"{first['factorization']['baseline_mse']:.4g}",
    }


def _spread(spread: Spread) -> str:
    return spread_text(spread, "{:.4g}".format)
