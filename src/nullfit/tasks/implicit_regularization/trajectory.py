"""What is measured on the way from a start to a solution."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from jaxtyping import Float32, Float64, Int64
from torch import Tensor

from nullfit.tasks.implicit_regularization.linear_problem import LinearProblem

Report = Callable[[dict[str, float], int], None]
_BLOCK = 2048  # samples


@dataclass
class Trajectory:
    """Distances, norms and test errors against the step, from zero and from another start.

    The ``columns`` are ``step``; ``distance`` to the solution of least norm and ``norm``, both
    relative to that solution's norm; ``test/error``. With another start they are also
    ``start/distance`` to the same solution, ``start/distance_to_own`` to that solution plus
    ``outside``, which is what of the start no sample sees, ``start/norm`` and ``start/test_error``.
    ``report`` gets each row and its step.
    """

    problem: LinearProblem
    test: Float32[Tensor, "m d"]
    test_labels: Int64[Tensor, " m"]
    tolerance: float
    outside: Float64[Tensor, "d c"] | None
    report: Report
    columns: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def watch(self, step: int, weights: Float64[Tensor, "d c2"]) -> bool:
        """Measure; whether all starts are within the tolerance of where they go.

        The weights of the start at zero come first, then those of the other start if there is one.
        """
        solution = self.problem.minimum_norm
        scale = float(solution.norm())
        starts = weights.split(solution.shape[1], dim=1)
        row = {
            "distance": float((starts[0] - solution).norm()) / scale,
            "norm": float(starts[0].norm()) / scale,
            "test/error": self.test_error(starts[0]),
        }
        if self.outside is not None:
            from_solution = starts[1] - solution
            row |= {
                "start/distance": float(from_solution.norm()) / scale,
                "start/distance_to_own": float((from_solution - self.outside).norm()) / scale,
                "start/norm": float(starts[1].norm()) / scale,
                "start/test_error": self.test_error(starts[1]),
            }
        for name, value in {"step": float(step), **row}.items():
            self.columns[name].append(value)
        self.report(row, step)
        return self.arrived

    @property
    def last(self) -> dict[str, float]:
        """The last row."""
        return {name: values[-1] for name, values in self.columns.items()}

    @property
    def arrived(self) -> bool:
        """Whether the last row is within the tolerance of where its starts go."""
        last = self.last
        return max(last["distance"], last.get("start/distance_to_own", 0.0)) <= self.tolerance

    def test_error(self, weights: Float64[Tensor, "d c"]) -> float:
        """The share of test samples whose largest value is another class than their label."""
        single = weights.float()
        blocks = zip(self.test.split(_BLOCK), self.test_labels.split(_BLOCK), strict=True)
        wrong = sum(
            int(((features @ single).argmax(1) != labels).sum()) for features, labels in blocks
        )
        return wrong / len(self.test_labels)
