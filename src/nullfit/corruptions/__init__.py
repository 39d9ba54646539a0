"""Corruptions: pure functions that destroy labels or images, the same way for the same seed."""

from nullfit.corruptions.asymmetric_labels import asymmetric_labels as asymmetric_labels
from nullfit.corruptions.chain import chain as chain
from nullfit.corruptions.corrupted_entries import CorruptedEntries as CorruptedEntries
from nullfit.corruptions.corruption import TEST_INDEX as TEST_INDEX
from nullfit.corruptions.corruption import Corrupted as Corrupted
from nullfit.corruptions.corruption import Corruption as Corruption
from nullfit.corruptions.corruption import Origin as Origin
from nullfit.corruptions.corruption import changes as changes
from nullfit.corruptions.corruption import numbers as numbers
from nullfit.corruptions.gaussian import gaussian as gaussian
from nullfit.corruptions.gaussian_entries import gaussian_entries as gaussian_entries
from nullfit.corruptions.gaussian_noise import gaussian_noise as gaussian_noise
from nullfit.corruptions.labels_from_file import labels_from_file as labels_from_file
from nullfit.corruptions.none import none as none
from nullfit.corruptions.pair_flip_labels import pair_flip_labels as pair_flip_labels
from nullfit.corruptions.random_labels import random_labels as random_labels
from nullfit.corruptions.random_pixels import random_pixels as random_pixels
from nullfit.corruptions.shuffled_entries import shuffled_entries as shuffled_entries
from nullfit.corruptions.shuffled_labels import shuffled_labels as shuffled_labels
from nullfit.corruptions.shuffled_patches import shuffled_patches as shuffled_patches
from nullfit.corruptions.shuffled_pixels import shuffled_pixels as shuffled_pixels
from nullfit.corruptions.transition_matrix import transition_matrix as transition_matrix
from nullfit.corruptions.uniform_pixels import uniform_pixels as uniform_pixels
