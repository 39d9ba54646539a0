"""What every corruption takes, gives and declares.

A corruption is a pure function ``f(images, labels, seed, origin=None, *, settings…)``. Its
keyword-only parameters are its settings in ``conf/corruption/``. It knows nothing of training or
configuration, reads no files but those its settings name, changes none of its arguments, and what
it does to a sample depends on (seed, number of the sample) alone: ``numbers(origin, n)``. A tensor
that it leaves as it is comes back as the same object. What it changes stands above it: `changes`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeVar, runtime_checkable

import numpy as np
import torch
from jaxtyping import Bool, Float32, Int64, Shaped
from torch import Tensor

from nullfit.corruptions.blockwise import sample_blocks
from nullfit.errors import UserError, nearest

PARTS = ("labels", "images", "entries")
Function = TypeVar("Function", bound=Callable[..., Any])
TEST_INDEX = 2**40
"""Test samples are numbered from here: none of them shares a draw with a training sample."""


class Corrupted(NamedTuple):
    """Images and labels after a corruption, and which samples it changed.

    A sample counts as changed if its image or its label differs from before: a random label that
    happens to be the old one changes nothing.
    """

    images: Float32[Tensor, "n c h w"]
    labels: Int64[Tensor, " n"]
    changed: Bool[Tensor, " n"]

    @classmethod
    def compared(
        cls,
        images: Float32[Tensor, "n c h w"],
        labels: Int64[Tensor, " n"],
        new_images: Float32[Tensor, "n c h w"],
        new_labels: Int64[Tensor, " n"],
    ) -> "Corrupted":
        """The new images and labels, with the samples that differ from the first two arguments."""
        changed = torch.zeros(len(labels), dtype=torch.bool, device=images.device)
        if new_images is not images:
            for block in sample_blocks(images):
                changed[block] = (new_images[block] != images[block]).flatten(1).any(1)
        if new_labels is not labels:
            changed |= (new_labels != labels).to(changed.device)
        return cls(new_images, new_labels, changed)


@dataclass(frozen=True)
class Origin:
    """What a corruption may know of the original training set, whichever split it is applied to.

    ``mean`` and ``std`` are those of all original pixels (population standard deviation, on the
    [0, 1] scale), None unless a corruption needs them. ``places`` are those of the samples that the
    corruption is given, in the split as its source has it; None: they are its first ones. From
    ``first_index`` on samples are numbered by their place: that number, of `numbers`, decides their
    random draws. ``class_names`` are empty where nobody said them. ``labels`` are the true ones of
    the whole training split as its source has it, by place, and ``files`` the names of its images
    as bytes, below the folder of the data; None where nobody said them, or there are no files.
    """

    classes: int
    mean: float | None = None
    std: float | None = None
    first_index: int = 0
    places: Int64[Tensor, " n"] | None = None
    class_names: tuple[str, ...] = ()
    labels: Int64[Tensor, " source"] | None = None
    files: Shaped[np.ndarray, " source"] | None = None

    @classmethod
    def of(cls, images: Float32[Tensor, "n c h w"], labels: Int64[Tensor, " n"]) -> "Origin":
        """Read it off a training set of at least one sample."""
        mean = _sum_of(images, lambda pixels: pixels) / images.numel()
        variance = _sum_of(images, lambda pixels: (pixels - mean).square_()) / images.numel()
        return cls(int(labels.max()) + 1, mean, math.sqrt(variance))

    @property
    def names(self) -> tuple[str, ...]:
        """The classes by their names, which are numbers where nobody said others."""
        return self.class_names or tuple(map(str, range(self.classes)))

    @property
    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation.

        Raises:
            UserError: they were not measured.
        """
        if self.mean is None or self.std is None:
            raise UserError(
                "corruption: mean and standard deviation of the training images were not measured."
                "\nDeclare @changes(…, needs_moments=True), or give it Origin.of(images, labels)."
            )
        return self.mean, self.std

    def starting_at(self, first_index: int, places: Int64[Tensor, " n"] | None = None) -> "Origin":
        """The same for other samples: those at ``places``, numbered from ``first_index`` on."""
        return replace(self, first_index=first_index, places=places)


def numbers(origin: Origin | None, samples: int) -> Int64[Tensor, " {samples}"]:
    """The numbers of the samples that a corruption is given; without an origin 0, 1, …, n - 1."""
    if origin is None or origin.places is None:
        first = 0 if origin is None else origin.first_index
        return torch.arange(first, first + samples)
    return origin.places + origin.first_index


def _sum_of(images: Tensor, term: Callable[[Tensor], Tensor]) -> float:
    """The sum over all pixels of a term, to float64 accuracy without a float64 copy of the images.

    Sums by sample, added up exactly, do not depend on the number of threads.
    """
    sums = torch.empty(len(images), dtype=torch.float64)
    for block in sample_blocks(images):
        sums[block] = term(images[block].double()).sum((1, 2, 3))
    return math.fsum(sums.tolist())


@runtime_checkable  # types are checked while the tests run
class Corruption(Protocol):
    """A corruption with its settings filled in, e.g. by ``functools.partial``."""

    def __call__(
        self,
        images: Float32[Tensor, "n c h w"],
        labels: Int64[Tensor, " n"],
        seed: int,
        origin: Origin | None = None,
    ) -> Corrupted:
        """Corrupt a set of samples; see the module's docstring for what that may depend on."""
        ...


@dataclass(frozen=True)
class Declaration:
    """The parts of the data that a corruption changes, and whether it needs `Origin.moments`.

    ``account(labels, origin, **settings)`` says how it takes hold of training samples with these
    true labels, if there is more to say than how many labels change.
    """

    changes: frozenset[str]
    needs_moments: bool
    account: Callable[..., str] | None = None


def changes(
    *parts: str, needs_moments: bool = False, account: Callable[..., str] | None = None
) -> Callable[[Function], Function]:
    """Declare what a corruption changes: ``@changes("images")`` above its function.

    - ``"labels"``: all of them at once, whatever the images are;
    - ``"images"``: each by itself, whatever the others are;
    - ``"labels", "images"``: it must see all samples at once, so that these cannot be streamed;
    - ``"entries"``: those of a matrix, see `nullfit.corruptions.corrupted_entries`;
    - nothing: all stays as it is, whatever the data are.

    ``needs_moments`` says that it reads mean or standard deviation of its ``origin``, which take a
    pass over the training images to measure. A corruption that declares nothing is tried out on
    two samples, and the moments are measured for it. ``account`` is that of `Declaration`.

    Raises:
        UserError: there is no such part.
    """
    for part in parts:
        if part not in PARTS:
            raise UserError(f'@changes("{part}") is not allowed.' + nearest(part, PARTS))
    declaration = Declaration(frozenset(parts), needs_moments, account)

    def declare(function: Function) -> Function:
        vars(function)["declaration"] = declaration
        return function

    return declare


def declared(corruption: object) -> Declaration | None:
    """What a corruption declares, with its settings filled in (`partial`) or not; None: nothing."""
    while isinstance(corruption, partial):
        corruption = corruption.func
    found = getattr(corruption, "declaration", None)
    return found if isinstance(found, Declaration) else None


def account_of(corruption: object, labels: Int64[Tensor, " n"], origin: Origin) -> str | None:
    """What a corruption says of how it takes hold of training samples; None: nothing.

    Raises:
        UserError: as the corruption.
    """
    declaration, settings = declared(corruption), dict[str, Any]()
    while isinstance(corruption, partial):
        settings = {**corruption.keywords, **settings}
        corruption = corruption.func
    if declaration is None or declaration.account is None:
        return None
    return declaration.account(labels, origin, **settings)
