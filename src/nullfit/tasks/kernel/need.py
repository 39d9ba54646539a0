"""What a solution takes, counted before it starts: memory, and the share of each stage."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from nullfit.tasks.kernel.packed import BLOCK, BlockColumns

# How the equations are solved: with all features held; with features too many to hold; for the
# weights instead of the samples (a linear kernel on fewer features than samples); for the
# weights by orthogonal factors of the features, which do not square the condition (random waves).
Form = Literal["held", "accumulated", "primal", "orthogonal"]

_SINGLE, _DOUBLE = 4, 8  # bytes
_WORKING_MATRICES = 6  # n × classes in double precision: targets, coefficients, residuals, …
_FACTORS = 3  # the features in double precision, LAPACK's copy, the orthogonal factor
_SPARE = 100 * 2**20  # buffers of libraries, temporary blocks
_PRIMAL_MATRICES = 3  # the matrix, its eigenvectors, the workspace
# So many multiplications take as long: an entry's exponential, one in double precision.
_ENTRY, _EXACT = 30.0, 2.0
_EIGENVECTORS = 6.0  # multiplications of an eigendecomposition by size³, about


@dataclass(frozen=True)
class Need:
    """The size of a problem and, from it, memory and work."""

    form: Form
    samples: int
    held_out: int
    dimensions: int
    part_width: int
    classes: int
    itemsize: int  # bytes of a number in the factor
    features_are_images: bool  # which are there anyway
    features_work: float  # multiplications for an image
    penalized: bool = False  # then the weights need no eigenvectors
    passes: int = 3  # usual number over the matrix: to check the solution, and two refinements

    @classmethod
    def least(
        cls, *, linear: bool, of_waves: bool = False, can_accumulate: bool, **sizes: Any
    ) -> "Need":
        """That of the form which is possible, and of two which are the one with less memory."""
        held = cls("held", **sizes)
        if of_waves:
            return replace(held, form="orthogonal")
        if linear and held.samples > held.dimensions:
            return replace(held, form="primal")
        accumulated = replace(held, form="accumulated")
        return accumulated if can_accumulate and accumulated.bytes < held.bytes else held

    @property
    def bytes(self) -> int:
        """The most memory that is taken at once, besides the images."""
        everyone = self.samples + self.held_out
        total = _WORKING_MATRICES * self.samples * self.classes * _DOUBLE + _SPARE
        if self.form == "accumulated":
            total += everyone * self.part_width * _SINGLE
        elif not self.features_are_images:
            total += everyone * self.dimensions * _SINGLE
        if self.form == "primal":
            return total + _PRIMAL_MATRICES * self.dimensions**2 * _DOUBLE
        if self.form == "orthogonal":
            least = min(self.samples, self.dimensions)
            factors = _FACTORS * self.samples * self.dimensions + least**2
            return total + factors * _DOUBLE
        triangle = BlockColumns(self.samples).entries
        total += triangle * self.itemsize + 3 * self.samples * BLOCK * self.itemsize
        if self.form == "accumulated":
            total += (triangle + self.samples * self.held_out) * _SINGLE
        return total

    def largest(self, available: int) -> int:
        """The most training samples that ``available`` bytes allow; at least 0."""
        low, high = 0, self.samples
        while low < high:
            middle = (low + high + 1) // 2
            if replace(self, samples=middle).bytes <= available:
                low = middle
            else:
                high = middle - 1
        return low

    @property
    def work(self) -> "Work":
        """How much of the work each stage is."""
        triangle, cross = self.samples**2 / 2, self.samples * self.held_out
        everyone = self.samples + self.held_out
        entry = self.dimensions + _ENTRY
        exact = _EXACT * entry
        features = everyone * self.features_work
        if self.form == "primal":
            sums = float(self.samples) * BlockColumns(self.dimensions).entries
            sums += (1 / 6 if self.penalized else _EIGENVECTORS) * self.dimensions**3
            return Work(features, _EXACT * sums, 0.0, 0.0, 0.0)
        if self.form == "orthogonal":
            least, most = sorted((self.samples, self.dimensions))
            both = (
                2 * (most - least / 3) * least**2
            )  # the factors, and the orthogonal one made whole
            return Work(features, _EXACT * both, 0.0, 0.0, 0.0)
        factorization = self.samples**3 / 6
        matrix = triangle * entry
        if self.form == "accumulated":  # its entries are kept
            matrix += features + cross * entry
            features, exact = 0.0, _EXACT
        return Work(features, matrix, factorization, self.passes * triangle * exact, cross * exact)


@dataclass(frozen=True)
class Work:
    """The stages in multiplications of single precision, roughly: what the time left follows."""

    features: float
    matrix: float
    factorization: float
    refinement: float
    held_out: float

    @property
    def total(self) -> float:
        """All stages."""
        parts = (self.features, self.matrix, self.factorization, self.refinement, self.held_out)
        return sum(parts)
