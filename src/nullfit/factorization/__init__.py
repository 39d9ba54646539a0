"""Matrix factorization by alternating least squares, on observed entries alone."""

from nullfit.factorization.alternating import Factors, Iteration, alternate
from nullfit.factorization.observed import Observed

__all__ = ["Factors", "Iteration", "Observed", "alternate"]
