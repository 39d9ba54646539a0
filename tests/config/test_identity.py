"""A run's hash and name follow from what decides its outcome, and from nothing else."""

import pytest

from nullfit.config.identity import config_hash, job_name

CIRCUMSTANCES = [
    "study=other",
    "logger=csv",
    "data.download=true",
    "data.root=/elsewhere",
    "data.cache=/elsewhere",
    "trainer.threads=2",
    "trainer.progress=false",
    "trainer.checkpoint_seconds=1",
    "allow_targets=[mine]",
    "optimizer.lr=0.01",  # the model's own
]
DECISIONS = [
    "seed=1",
    "model=mlp_3x512",
    "model.hidden=[511]",
    "corruption=gaussian",
    "optimizer.lr=0.02",
    "schedule.gamma=0.9",
    "data.train_limit=10",
    "data.batch_size=127",
    "regularizer=weight_decay",
    "trainer.max_epochs=99",
    "trainer.stop_at_train_accuracy=1.0",
    "trainer.precision=64-true",
    "trainer.compile=default",
    "probe=loss_mixture",
]


NO_FAMILIES = [
    f"permutation_calibration.regimes.family_of_{inputs}=null" for inputs in ("five", "eight")
]


@pytest.mark.parametrize("override", CIRCUMSTANCES)
def test_circumstances_do_not_count(make_config, override: str) -> None:
    assert make_config(override).job == make_config().job


@pytest.mark.parametrize("override", DECISIONS)
def test_decisions_count(make_config, override: str) -> None:
    assert make_config(override).job != make_config().job
    assert config_hash(make_config(override).plain()) != config_hash(make_config().plain())


def test_the_folder_carries_the_hash_of_the_result(make_config) -> None:
    for overrides in ([], ["regularizer=dropout"], ["corruption=chain"], ["optimizer.lr=1"]):
        config = make_config(*overrides)
        assert config.job.endswith(config_hash(config.plain())[:8])


def test_one_and_one_point_zero_are_the_same_setting(make_config) -> None:
    assert make_config("optimizer.lr=1").job == make_config("optimizer.lr=1.0").job


def test_the_name_says_model_data_corruption_and_seed(make_config) -> None:
    config = make_config("corruption=random_labels", "corruption.probability=0.5", "seed=3")
    assert config.job.startswith("mlp_1x512-digits-random_labels_probability0.5-seed3-")


def test_where_the_images_are_decides_for_a_folder_of_images(make_config) -> None:
    jobs = {make_config("data=image_folder", f"data.root=/{root}").job for root in "ab"}
    assert len(jobs) == 2


@pytest.mark.parametrize(
    ("overrides", "known"),
    [
        ([], "4574cf1de3aac71d"),
        (["corruption=random_labels", "seed=3"], "86c0822b986cdf75"),
        (["model=inception", "regularizer=[weight_decay]"], "6dac9b35a6bac25c"),
        (["corruption=chain", "data=cifar10", "trainer.max_epochs=7"], "8af444177cb81c90"),
    ],
)
def test_finished_runs_keep_their_hash(make_config, overrides: list[str], known: str) -> None:
    # Of version 0.1: a new setting whose default changes nothing must not run everything again.
    assert config_hash(make_config(*overrides).plain()) == known


@pytest.mark.parametrize(
    ("overrides", "before", "again"),
    [
        (["probe=loss_mixture"], "a10c987b353bb657", True),
        (["probe=loss_mixture", "probe.mixture=gaussian"], "51e7e18f938778b1", False),
        # Only what was concluded from these is left out since, when they are read.
        (["task=permutation_test"], "7ddadb70f0fb0f98", False),
        (["task=rademacher"], "3f57462f92c5231a", False),
        # The calibration counts more by default; without that it is the finished one.
        (["task=permutation_calibration"], "32ff6d0170f10e22", True),
        (["task=permutation_calibration", *NO_FAMILIES], "32ff6d0170f10e22", False),
    ],
)
def test_runs_of_a_mended_fault_are_others_and_those_beside_it_are_not(
    make_config, overrides: list[str], before: str, again: bool
) -> None:
    # Hashes before the faults that CHANGELOG.md tells of were mended.
    assert (config_hash(make_config(*overrides).plain()) != before) == again


def test_other_tasks_come_first_and_are_named_by_what_they_use(make_config) -> None:
    assert make_config("task=show").job.startswith("show-digits-none-seed0-")
    plain = make_config("task=show").plain()
    names = {
        uses: job_name({**plain, "task": {"name": "own", "uses": uses and list(uses)}})
        for uses in (None, (), ("data",), ("data", "corruption"))
    }
    starts = ("own-mlp_1x512-digits-none-seed0-", "own-seed0-", "own-digits-seed0-")
    for (_, name), start in zip(names.items(), (*starts, "own-digits-none-seed0-"), strict=True):
        assert name.startswith(start)
    assert len({name.rpartition("-")[2] for name in names.values()}) == 1  # uses decides nothing


def test_a_data_file_that_changed_is_another_job_and_the_same_content_is_not(
    make_config, tmp_path
) -> None:
    path = tmp_path / "cars.csv"
    settings = ("data=table", f"data.path={path}", "data.target=price")

    def job(content: str) -> str:
        path.write_text(content)
        return str(make_config(*settings).job)

    first = job("price,size\n1,2\n")
    assert job("price,size\n1,3\n") != first
    assert job("price,size\n1,2\n") == first
    path.unlink()
    assert make_config(*settings).job != first
