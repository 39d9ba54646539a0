"""Published numbers of parameters, to the digit."""

import pytest

from nullfit.models import parameter_count
from tests.models.settings import factory

RGB28, RGB32, GRAY28 = (3, 28, 28), (3, 32, 32), (1, 28, 28)

COUNTS = [
    ("inception", {}, RGB28, 1_649_402),
    ("inception_no_bn", {}, RGB28, 1_649_402),
    ("inception_flat_head", {}, RGB28, 1_814_106),
    ("mini_googlenet", {}, RGB28, 2_934_874),
    ("alexnet", {}, RGB28, 1_387_786),
    ("mlp", {}, RGB28, 1_209_866),
    ("mlp_1x512", {}, RGB28, 1_209_866),
    ("mlp_3x512", {}, RGB28, 1_735_178),
    ("mlp", {"hidden": [512], "bias": False}, RGB32, 1_577_984),
    ("mlp_128x64", {}, RGB32, 402_250),
    ("lenet", {}, RGB32, 62_006),
    ("forgetting_cnn", {}, GRAY28, 21_840),
    ("wide_resnet", {"depth": 28, "width": 1}, RGB32, 369_498),
    ("cnn_15x15", {}, GRAY28, 4_382),
    ("cnn5", {"width": 64}, RGB32, 378 * 64**2 + 152 * 64 + 10),  # counted by hand
    ("torchvision", {"architecture": "resnet18"}, RGB32, 11_181_642),
]


@pytest.mark.parametrize(("option", "settings", "shape", "expected"), COUNTS)
def test_published_parameter_count(option, settings, shape, expected):
    assert parameter_count(factory(option, **settings)(shape, 10)) == expected


@pytest.mark.parametrize(("width", "expected"), [(2, 1_467_610), (10, 36_479_194)])
def test_wide_resnet_28_has_the_size_of_its_paper(width, expected):
    # Zagoruyko & Komodakis (2016), table 4: 36.5 million for WRN-28-10.
    assert parameter_count(factory("wide_resnet", width=width)(RGB32, 10)) == expected
