import pytest
import torch

from nullfit.errors import UserError
from nullfit.models import parameter_count
from nullfit.models.input_shape import output_shape
from nullfit.models.torchvision import SMALLEST
from tests.models.settings import factory


def test_grayscale_is_repeated_to_three_channels():
    network = factory("torchvision", architecture="squeezenet1_1")((1, 32, 32), 10).eval()
    gray = torch.randn(2, 1, 32, 32)
    assert torch.equal(network(gray), network.network(gray.repeat(1, 3, 1, 1)))


def test_inception_v3_has_one_output_in_training():
    network = factory("torchvision", architecture="inception_v3")((3, 75, 75), 10)
    assert network(torch.zeros(2, 3, 75, 75)).shape == (2, 10)
    assert parameter_count(network) == 21_806_058  # 23,834,568 less 2,028,510 of 1,000 classes


def test_googlenet_has_one_output_in_training():
    network = factory("torchvision", architecture="googlenet")((3, 32, 32), 10)
    assert network(torch.zeros(2, 3, 32, 32)).shape == (2, 10)


def test_vision_transformers_are_made_for_the_size_of_the_images():
    network = factory("torchvision", architecture="vit_b_32")((3, 64, 64), 10)
    assert network.network.image_size == 64


def test_inception_v3_needs_75_pixels():
    with pytest.raises(UserError) as caught:
        factory("torchvision", architecture="inception_v3")((3, 28, 28), 10)
    assert str(caught.value) == (
        "model torchvision architecture=inception_v3 needs images of at least 75×75 pixels, these "
        "are 28×28×3; choose larger images or another model."
    )


@pytest.mark.parametrize("architecture", ["squeezenet1_0", "squeezenet1_1", "alexnet", "googlenet"])
def test_the_smallest_size_is_the_smallest(architecture):
    smallest = SMALLEST[architecture]
    network = factory("torchvision", architecture=architecture)((3, smallest, smallest), 10)
    with pytest.raises(RuntimeError):
        output_shape(network, (3, smallest - 1, smallest - 1))


def test_a_size_torchvision_refuses_is_told_in_one_line():
    with pytest.raises(UserError) as caught:
        factory("torchvision", architecture="vit_b_16")((3, 28, 28), 10)
    message = str(caught.value)
    assert message.startswith(
        "model torchvision architecture=vit_b_16 cannot take images of 28×28×3: "
    )
    assert "\n" not in message


def test_unknown_architecture_names_the_nearest():
    with pytest.raises(UserError, match=r"^model\.architecture=resnet81: .*nearest is resnet18\.$"):
        factory("torchvision", architecture="resnet81")((3, 32, 32), 10)


def test_detectors_are_no_classifiers():
    with pytest.raises(UserError, match="has no classifier of that name"):
        factory("torchvision", architecture="fasterrcnn_resnet50_fpn")((3, 32, 32), 10)


def test_two_channels_are_refused():
    with pytest.raises(UserError, match=r"1 or 3 channels, these are 32×32×2; choose another"):
        factory("torchvision")((2, 32, 32), 10)


def dropout_probabilities(network):
    return [layer.p for layer in network.modules() if isinstance(layer, torch.nn.Dropout)]


@pytest.mark.parametrize(("setting", "probability"), [(None, 0.5), (0.0, 0.0), (0.2, 0.2)])
def test_dropout_takes_the_place_of_the_architectures_own(setting, probability):
    network = factory("torchvision", architecture="inception_v3", dropout=setting)((3, 75, 75), 10)
    assert dropout_probabilities(network) == [probability]


def test_dropout_where_there_is_none_is_refused():
    with pytest.raises(
        UserError, match=r"^model\.dropout=0\.2 is impossible: architecture=resnet18"
    ):
        factory("torchvision", dropout=0.2)((3, 32, 32), 10)
    factory("torchvision", dropout=0.0)((3, 32, 32), 10)
