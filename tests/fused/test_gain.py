"""A group is fused where that is measured to pay, and has the threads that its step is worth."""

from dataclasses import replace

import pytest
import torch

from nullfit import assembly
from nullfit.fused.limits import reason_to_train_alone
from nullfit.fused.pool import Pool
from nullfit.fused.together import fit_together
from nullfit.training.training import Training


@pytest.fixture(autouse=True, scope="module")
def _two_jobs_are_enough() -> None:
    """Not here: the rule is as it is."""


@pytest.fixture
def _two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def training(config) -> Training:
    data = assembly.randomized_data(config)
    network = assembly.network(config, data.input_shape, len(data.classes))
    return assembly.training(config, network, data)


@pytest.mark.parametrize(
    ("overrides", "jobs", "reason"),
    [
        (["data.batch_size=128"], 4, None),
        (["data.batch_size=128"], 3, "fusing such networks pays from 4 jobs on"),
        (["data.batch_size=128"], 1, "fusing such networks pays from 4 jobs on"),
        (["model.hidden=[1024]"], 8, None),
        (["model.hidden=[1024]"], 7, "fusing such networks pays from 8 jobs on"),
        (["model.hidden=[8192]"], 64, "fusing pays below about 200 million"),
    ],
)
def test_it_goes_by_the_size_of_a_step_and_the_number_of_jobs(
    tiny_config, overrides, jobs, reason
) -> None:
    found = reason_to_train_alone(training(tiny_config("model=mlp", *overrides)), jobs)
    assert (found is None) if reason is None else (reason in found)


@pytest.mark.usefixtures("_two_threads")
@pytest.mark.parametrize(
    ("members", "changes", "threads"),
    [(1, {}, 1), (4, {}, 2), (4, {"threads": 1}, 1)],
    ids=["small", "large", "asked for"],
)
def test_a_group_has_the_threads_that_its_step_is_worth(
    tiny_config, members, changes, threads
) -> None:
    config = tiny_config("trainer.max_epochs=1", "data.batch_size=128")
    trainer = config.trainer.model_copy(update=changes)
    alike = [replace(training(config), trainer=trainer) for _ in range(members)]
    ended = list(fit_together(alike, 8, Pool(torch.device("cpu"), torch.float32)))
    assert [each.outcome.threads for each in ended] == [threads] * members
    assert changes or torch.get_num_threads() == 2  # as before
