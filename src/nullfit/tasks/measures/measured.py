"""All measures of one trained network."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nullfit.data.randomized_data import Split
from nullfit.data.subset import stratified_indices
from nullfit.errors import UserError
from nullfit.models.build import parameter_count
from nullfit.results.formats import percent
from nullfit.results.study import Run
from nullfit.tasks.measures.folding import folded
from nullfit.tasks.measures.hessian import largest_eigenvalue
from nullfit.tasks.measures.margins import normalized
from nullfit.tasks.measures.norms import (
    frobenius_norm,
    log_path_norm,
    log_product,
    log_spectral_complexity,
    row_norms,
    spectral_norm,
)
from nullfit.tasks.measures.settings import MeasuresSettings
from nullfit.tasks.measures.sharpness import (
    Batches,
    Scale,
    largest_noise,
    magnitude_aware,
    plain,
    worst_case,
)
from nullfit.tasks.measures.structure import Layer, Structure, UndefinedError, structure_of
from nullfit.tasks.measures.trained_run import TrainedRun, batches_of
from nullfit.training.margins import margin, margins

_LARGEST_LOG = math.log(np.finfo(float).max)
_SAME_DISTANCE = 1e-3  # relative: what another processor's rounding leaves
_SAME_ACCURACY = 0.01


@dataclass
class Measured:
    """Measures by name, None where ``undefined`` says why, and the margins of all samples.

    ``normalized_margins`` are empty where spectral complexity is not defined.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    undefined: dict[str, str] = field(default_factory=dict)
    margins: np.ndarray = field(default_factory=lambda: np.zeros(0))
    normalized_margins: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def add(self, names: Sequence[str], find: Callable[[], Sequence[float | None]]) -> None:
        """Note what is found under these names, or why it is not defined."""
        try:
            values = find()
        except UndefinedError as error:
            self.fields |= dict.fromkeys(names)
            self.undefined |= dict.fromkeys(names, str(error))
            return
        for name, value in zip(names, values, strict=True):
            infinite = value is not None and not math.isfinite(value)
            self.fields[name] = None if infinite else value
            if infinite:
                self.undefined[name] = "it is not finite"

    def add_with_log(self, name: str, find: Callable[[], float]) -> None:
        """Note a value by its natural logarithm, as ``log_<name>``, and itself if it is no more
        than a floating-point number can be.
        """

        def found() -> tuple[float | None, float]:
            log = find()
            if log > _LARGEST_LOG:
                self.undefined[name] = f"it overflows; log_{name} is its natural logarithm"
                return None, log
            return math.exp(log), log

        self.add((name, f"log_{name}"), found)


def measure(run: Run, made: TrainedRun, settings: MeasuresSettings, seed: int) -> Measured:
    """Measure a network.

    Raises:
        UserError: its data are not those that it was trained on.
    """
    found = Measured()
    found.fields["parameters"] = parameter_count(made.network)
    few = next(iter(batches_of(made.data.train, made.network)))[0][:2]
    network = folded(made.network, few)
    squares = _add_margins(found, run, network, made.data.train)
    structure = structure_of(network, few)
    norms = _Norms(structure)
    _add_norms(found, norms)
    found.add(["distance_from_start"], lambda: [_distance(made)])
    found.add_with_log("path_norm", lambda: _path_norm(structure, network, made))
    _add_complexity(found, norms, made, squares)
    chosen = _chosen(made.data.train, settings.samples, seed)
    found.fields["samples"] = len(chosen)
    _add_flatness(found, network, list(batches_of(chosen, network)), settings, seed)
    return found


def _chosen(train: Split, samples: int | None, seed: int) -> Split:
    if samples is None or samples >= len(train):
        return train
    return train.selection(stratified_indices(train.labels, samples, seed, "measures.samples"))


@torch.no_grad()
def _add_margins(found: Measured, run: Run, network: nn.Module, train: Split) -> float:
    """Note the margins of the training samples; the sum of squares of all their pixels."""
    parts, squares = list[Tensor](), 0.0
    for images, labels in batches_of(train, network):
        parts.append(margins(network(images).double(), labels).cpu())
        squares += float(images.double().square().sum())
    found.margins = torch.cat(parts).numpy()
    accuracy = float((found.margins > 0).mean())
    before = run.result["metrics"].get("train/accuracy")
    if before is not None and abs(accuracy - before) > _SAME_ACCURACY:
        raise UserError(
            f"it answers {percent(accuracy)}% of its training labels now, and {percent(before)}% "
            "when it was trained: its data are not read, or corrupted, as they were"
        )
    found.fields["margin"] = margin(found.margins)
    return squares


class _Norms:
    """The norms of each layer, computed once, of networks whose weights are all in layers."""

    def __init__(self, structure: Structure) -> None:
        self.structure = structure

    @cached_property
    def frobenius(self) -> list[float]:
        return [frobenius_norm(layer) for layer in self.structure.require_layers()]

    @cached_property
    def spectral(self) -> list[float]:
        return [spectral_norm(layer) for layer in self.structure.require_layers()]


def _add_norms(found: Measured, norms: _Norms) -> None:
    found.add(["frobenius_sum"], lambda: [math.fsum(norms.frobenius)])
    found.add_with_log("frobenius_product", lambda: log_product(norms.frobenius))
    found.add(["spectral_sum"], lambda: [math.fsum(norms.spectral)])
    found.add_with_log("spectral_product", lambda: log_product(norms.spectral))


def _distance(made: TrainedRun) -> float:
    """How far the weights are from those at the start, if these are known to be the run's own."""
    own, found = made.written_distance, made.distance
    if own is not None and abs(own - found) > _SAME_DISTANCE * max(own, found):
        raise UndefinedError(
            "the weights that the settings begin with now are not those of the run: "
            f"{found:.4g} from its end, and metrics.csv says {own:.4g}"
        )
    return found


def _path_norm(structure: Structure, network: nn.Module, made: TrainedRun) -> float:
    structure.require_paths()
    return log_path_norm(network, made.data.input_shape)


def _add_complexity(found: Measured, norms: _Norms, made: TrainedRun, squares: float) -> None:
    """Note spectral complexity, by reference matrices of zeros and of the start, and margins."""
    structure = norms.structure

    def from_zero() -> float:
        rows = [row_norms(layer) for layer in structure.require_chain()]
        return log_spectral_complexity(norms.spectral, rows)

    def from_start() -> float:
        layers = structure.require_chain()
        moved = [layer.weight - _start_of(layer, made) for layer in layers]
        rows = [row_norms(*pair) for pair in zip(layers, moved, strict=True)]
        _distance(made)  # which says whether the start is known
        return log_spectral_complexity(norms.spectral, rows)

    def quantiles() -> tuple[float, float]:
        log = found.fields["log_spectral_complexity"]
        if log is None:
            raise UndefinedError(found.undefined["log_spectral_complexity"])
        found.normalized_margins = normalized(found.margins, log, squares)
        return margin(found.normalized_margins), float(np.median(found.normalized_margins))

    found.add_with_log("spectral_complexity", from_zero)
    found.add_with_log("spectral_complexity_from_start", from_start)
    found.add(["normalized_margin", "normalized_margin_median"], quantiles)


def _start_of(layer: Layer, made: TrainedRun) -> Tensor:
    """The initial weight of a layer.

    Raises:
        UndefinedError: batch norm was folded into it, which has no statistics at the start.
    """
    start = made.start.get(f"{layer.name}.weight")
    trained = dict(made.network.named_parameters()).get(f"{layer.name}.weight")
    if start is None or trained is None or not torch.equal(trained, layer.module.weight):
        raise UndefinedError("batch norm was folded into the layers, and had no start like that")
    return start.to(layer.weight)


def _add_flatness(
    found: Measured, network: nn.Module, batches: Batches, settings: MeasuresSettings, seed: int
) -> None:
    for name, scale in (("sharpness", plain), ("magnitude_sharpness", magnitude_aware)):

        def noise(scale: Scale = scale) -> tuple[float, float, float]:
            _refuse_none(settings, "draws")
            of = largest_noise(
                network,
                batches,
                scale=scale,
                draws=settings.draws,
                cost=settings.cost,
                seed=seed,
            )
            return of.sigma, of.accuracy, of.sd

        found.add([f"{name}_sigma", f"{name}_accuracy", f"{name}_accuracy_sd"], noise)

    def worst() -> tuple[float, float]:
        _refuse_none(settings, "ascent_steps")
        of = worst_case(network, batches, rho=settings.rho, steps=settings.ascent_steps)
        return of.one_step, of.ascent

    def eigenvalue() -> tuple[float, int, float]:
        _refuse_none(settings, "iterations")
        of = largest_eigenvalue(network, batches, iterations=settings.iterations, seed=seed)
        return of.value, of.products, of.change

    found.add(["sam_sharpness", "worst_case_sharpness"], worst)
    found.add(["hessian_eigenvalue", "hessian_products", "hessian_change"], eigenvalue)


def _refuse_none(settings: MeasuresSettings, key: str) -> None:
    if getattr(settings, key) == 0:
        raise UndefinedError(f"it is left out by measures.{key}=0")
