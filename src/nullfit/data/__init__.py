"""Where images come from, and what happens to them before the corruption and after it."""

from nullfit.corruptions.step import Step
from nullfit.data.image_set import Dataset, ImageSet
from nullfit.data.limit import limit
from nullfit.data.preprocessing import Preprocessing
from nullfit.data.randomize import randomize
from nullfit.data.randomized_data import RandomizedData, Split
from nullfit.data.rating_matrix import RatingMatrix
from nullfit.data.sources.cifar10 import cifar10
from nullfit.data.sources.cifar100 import cifar100
from nullfit.data.sources.digits import digits
from nullfit.data.sources.fashion_mnist import fashion_mnist
from nullfit.data.sources.gaussian import gaussian
from nullfit.data.sources.image_folder import image_folder
from nullfit.data.sources.mnist import mnist
from nullfit.data.sources.ratings import ratings
from nullfit.data.sources.svhn import svhn

__all__ = [
    "Dataset",
    "ImageSet",
    "Preprocessing",
    "RandomizedData",
    "RatingMatrix",
    "Split",
    "Step",
    "cifar10",
    "cifar100",
    "digits",
    "fashion_mnist",
    "gaussian",
    "image_folder",
    "limit",
    "mnist",
    "randomize",
    "ratings",
    "svhn",
]
