"""The permutation test of an image classifier."""

from nullfit.data.randomized_data import RandomizedData
from nullfit.tasks.permutation.image_features import image_features
from nullfit.tasks.permutation.problem import PermutationProblem


def image_problem(data: RandomizedData, patch: int) -> PermutationProblem:
    """The training split as a network gets it, with squares of ``patch``×``patch`` as features.

    Raises:
        UserError: ``patch`` is larger than the images.
    """
    features = image_features(data.input_shape, patch)
    return PermutationProblem(data.train.images, data.train.labels, features, "classification")
