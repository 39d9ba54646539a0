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
    Measure("log_frobenius_product", "log ∏ Frobenius norms", 1, logarithmic=False),
    Measure("spectral_sum", "sum of spectral norms", 1),
    Measure("log_spectral_product", "log ∏ spectral norms", 1, logarithmic=False),
    Measure("distance_from_start", "distance from the start", 1),
    Measure("log_path_norm", "log path norm", 1, logarithmic=False),
    Measure("log_spectral_complexity", "log spectral complexity", 1, logarithmic=False),
    Measure(
        "log_spectral_complexity_from_start",
        "log complexity from the start",
        1,
        logarithmic=False,
    ),
    Measure("margin", "margin, 10 %", -1, logarithmic=False),
    Measure("normalized_margin", "normalized margin, 10 %", -1, logarithmic=False),
    Measure("sharpness_sigma", "noise σ", -1),
    Measure("magnitude_sharpness_sigma", "noise σ, magnitude-aware", -1),
    Measure("sam_sharpness", "loss rise, SAM's step", 1),
    Measure("worst_case_sharpness", "loss rise, worst in the ball", 1),
    Measure("hessian_eigenvalue", "Hessian eigenvalue λ", 1),
)
