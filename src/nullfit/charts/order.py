"""The order in which corruptions stand in tables and legends."""

CORRUPTIONS = (
    "none",
    "random_labels",
    "shuffled_labels",
    "pair_flip_labels",
    "shuffled_pixels",
    "shuffled_patches",
    "random_pixels",
    "gaussian_noise",
    "gaussian",
    "uniform_pixels",
    "chain",
)


def place(corruption: str) -> int:
    """True labels first, then labels, then pixels from mild to complete; a user's own come last."""
    return CORRUPTIONS.index(corruption) if corruption in CORRUPTIONS else len(CORRUPTIONS)
