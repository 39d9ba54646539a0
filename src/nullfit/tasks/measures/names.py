"""What the measures are called, and which way each of them should point."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """A measure by its field of result.json.

    ``sign`` is 1 if more of it is said to go with a larger gap, −1 if with a smaller one.
    ``logarithmic`` says that it is drawn by its logarithm.
    """

    field: str
    label: str
    sign: int
    logarithmic: bool = True


MEASURES = (
    Measure("parameters", "parameters", 1),
    Measure("frobenius_sum", "sum of Frobenius norms", 1),
    Measure("log_frobenius_product", "log of product of Frobenius norms", 1, logarithmic=False),
    Measure("spectral_sum", "sum of spectral norms", 1),
    Measure("log_spectral_product", "log of product of spectral norms", 1, logarithmic=False),
    Measure("distance_from_start", "distance from the start", 1),
    Measure("log_path_norm", "log of path norm", 1, logarithmic=False),
    Measure("log_spectral_complexity", "log of spectral complexity", 1, logarithmic=False),
    Measure(
        "log_spectral_complexity_from_start",
        "log of spectral complexity, from the start",
        1,
        logarithmic=False,
    ),
    Measure("margin", "margin, 10 % quantile", -1, logarithmic=False),
    Measure("normalized_margin", "normalized margin, 10 % quantile", -1, logarithmic=False),
    Measure("sharpness_sigma", "noise σ that costs accuracy", -1),
    Measure("magnitude_sharpness_sigma", "noise σ, magnitude-aware", -1),
    Measure("sam_sharpness", "rise of the loss, SAM's step", 1),
    Measure("worst_case_sharpness", "rise of the loss, worst in the ball", 1),
    Measure("hessian_eigenvalue", "largest Hessian eigenvalue", 1),
)
