"""Corruptions: pure functions that destroy labels or images, the same way for the same seed."""

from nullfit.corruptions.chain import chain
from nullfit.corruptions.corrupted_entries import CorruptedEntries
from nullfit.corruptions.corruption import TEST_INDEX, Corrupted, Corruption, Origin, numbers
from nullfit.corruptions.gaussian import gaussian
from nullfit.corruptions.gaussian_entries import gaussian_entries
from nullfit.corruptions.gaussian_noise import gaussian_noise
from nullfit.corruptions.none import none
from nullfit.corruptions.pair_flip_labels import pair_flip_labels
from nullfit.corruptions.random_labels import random_labels
from nullfit.corruptions.random_pixels import random_pixels
from nullfit.corruptions.shuffled_entries import shuffled_entries
from nullfit.corruptions.shuffled_labels import shuffled_labels
from nullfit.corruptions.shuffled_patches import shuffled_patches
from nullfit.corruptions.shuffled_pixels import shuffled_pixels
from nullfit.corruptions.uniform_pixels import uniform_pixels

__all__ = [
    "TEST_INDEX",
    "Corrupted",
    "CorruptedEntries",
    "Corruption",
    "Origin",
    "chain",
    "gaussian",
    "gaussian_entries",
    "gaussian_noise",
    "none",
    "numbers",
    "pair_flip_labels",
    "random_labels",
    "random_pixels",
    "shuffled_entries",
    "shuffled_labels",
    "shuffled_patches",
    "shuffled_pixels",
    "uniform_pixels",
]
