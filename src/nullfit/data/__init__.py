"""Where images come from, and what happens to them before the corruption and after it."""

from nullfit.data.cifar10 import cifar10
from nullfit.data.cifar100 import cifar100
from nullfit.data.digits import digits
from nullfit.data.fashion_mnist import fashion_mnist
from nullfit.data.image_folder import image_folder
from nullfit.data.image_set import Dataset, ImageSet
from nullfit.data.mnist import mnist
from nullfit.data.svhn import svhn

__all__ = [
    "Dataset",
    "ImageSet",
    "cifar10",
    "cifar100",
    "digits",
    "fashion_mnist",
    "image_folder",
    "mnist",
    "svhn",
]
