"""Seeds for different purposes."""

import torch

from nullfit.seeds import derive, generator


def test_equal_purposes_give_equal_seeds_and_others_do_not() -> None:
    assert derive(0, "order", 1) == derive(0, "order", 1)
    purposes = [(0, "order", 1), (0, "order", 2), (1, "order", 1), (0, "noise", 1), (0, "order")]
    assert len({derive(*purpose) for purpose in purposes}) == len(purposes)
    assert all(0 <= derive(*purpose) < 2**63 for purpose in purposes)


def test_seeds_are_the_same_on_every_machine() -> None:
    assert derive(0, "corruption") == 8433480008122799043


def test_generators_are_independent_of_the_global_one() -> None:
    torch.manual_seed(0)
    first = torch.rand(3, generator=generator(0, "order"))
    torch.manual_seed(1)
    assert torch.equal(first, torch.rand(3, generator=generator(0, "order")))
