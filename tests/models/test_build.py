import pytest
import torch
from torch import nn

from nullfit.errors import UserError
from nullfit.models import build, parameter_count
from nullfit.models.build import require_fit
from tests.models.settings import factory

SHAPE = (1, 8, 8)


def weights(seed):
    network = build(factory("wide_resnet", depth=10), SHAPE, 10, seed, "wide_resnet")
    return network.state_dict()


def test_the_seed_alone_decides_the_weights():
    torch.manual_seed(1)
    first = weights(0)
    torch.manual_seed(2)
    torch.rand(3)
    second = weights(0)
    assert all(torch.equal(first[key], second[key]) for key in first)
    other = weights(1)
    assert not torch.equal(first["head.weight"], other["head.weight"])


def test_the_global_generator_is_left_untouched():
    before = torch.get_rng_state()
    weights(0)
    assert torch.equal(before, torch.get_rng_state())


def test_the_trial_leaves_running_statistics_and_mode():
    network = build(factory("inception"), SHAPE, 10, 0, "inception")
    assert all(module.training for module in network.modules())
    assert all(
        module.num_batches_tracked == 0
        for module in network.modules()
        if isinstance(module, nn.BatchNorm2d)
    )


def test_parts_that_a_model_keeps_in_evaluation_mode_stay_so():
    def frozen(shape, classes):
        network = nn.Sequential(nn.BatchNorm2d(1), nn.Flatten(), nn.Linear(64, classes))
        network[0].eval()
        return network

    network = build(frozen, SHAPE, 10, 0, "frozen")
    assert (network.training, network[0].training) == (True, False)


def test_a_network_that_cannot_take_the_images_is_refused():
    def wrong(shape, classes):
        return nn.Sequential(nn.Flatten(), nn.Linear(65, classes))

    with pytest.raises(UserError, match=r"^model wrong cannot take images of 8×8×1: mat1 and mat2"):
        build(wrong, SHAPE, 10, 0, "wrong")


def test_a_network_with_the_wrong_number_of_logits_is_refused():
    def wrong(shape, classes):
        return nn.Sequential(nn.Flatten(), nn.Linear(64, 11))

    with pytest.raises(UserError) as caught:
        build(wrong, SHAPE, 10, 0, "wrong")
    assert str(caught.value) == (
        "model wrong gives 11 values for an image of 8×8×1; "
        "it must give 10 logits, one for each class."
    )


def test_what_a_model_says_itself_is_kept():
    with pytest.raises(UserError, match=r"^model lenet needs images of at least 16×16"):
        build(factory("lenet"), SHAPE, 10, 0, "lenet")


def test_parameters_are_trainable_and_counted_once():
    shared = nn.Linear(4, 4)
    network = nn.Sequential(shared, shared, nn.Linear(4, 2), nn.BatchNorm1d(2))
    assert parameter_count(network) == 20 + 10 + 4
    network[2].requires_grad_(False)
    assert parameter_count(network) == 20 + 4


class Looking(nn.Module):
    """Chooses a width by the values of a tensor, which the meta device has not."""

    def __init__(self, input_shape, classes):
        super().__init__()
        width = int(torch.linspace(1, 64, 2)[-1].item())
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(width, classes))

    def forward(self, images):
        return self.layers(images)


def test_what_cannot_be_tried_without_values_is_built():
    require_fit(Looking, SHAPE, 10, "looking")
    with pytest.raises(UserError, match="model looking cannot take images of 9×9×1"):
        require_fit(Looking, (1, 9, 9), 10, "looking")


@pytest.mark.parametrize("shape", [(1, 9, 9), (3, 8, 8)])
def test_a_network_that_does_not_fit_is_told_in_the_words_of_build(shape):
    def fixed(shape, classes):
        return nn.Sequential(nn.Flatten(), nn.Linear(64, classes))

    def told(try_it):
        with pytest.raises(UserError) as caught:
            try_it()
        return str(caught.value)

    assert told(lambda: require_fit(fixed, shape, 10, "fixed")) == told(
        lambda: build(fixed, shape, 10, 3, "fixed")
    )
    with pytest.raises(UserError, match="gives 7 values"):
        require_fit(lambda shape, classes: fixed(shape, 7), SHAPE, 10, "fixed")
