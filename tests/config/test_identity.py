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
    "trainer.max_epochs=3480",  # what min_samples comes to on digits
]
# The defaults of version 0.1 for the length of a run and the decay of its rate.
FORMER = [
    "trainer.max_epochs=100",
    "trainer.stop_at_train_accuracy=null",
    "schedule.samples=null",
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
    "trainer.stop_at_train_accuracy=0.9",
    "trainer.min_samples=1000000",
    "schedule.samples=null",
    "trainer.precision=64-true",
    "trainer.compile=default",
    "trainer.record_confusion=true",
    "probe=loss_mixture",
    "data.test_corruptions=[random_pixels]",
    "data.binary=[[0,1,2,3,4],[5,6,7,8,9]]",
]


NO_FAMILIES = [
    f"permutation_calibration.regimes.family_of_{inputs}=null" for inputs in ("five", "eight")
]


@pytest.mark.parametrize("override", CIRCUMSTANCES)
def test_circumstances_do_not_count(make_config, override: str) -> None:
    assert make_config(override).job == make_config().job


def test_random_labels_that_always_change_are_another_corruption(make_config) -> None:
    free = make_config("corruption=random_labels", "corruption.always_change=false").job
    always = make_config("corruption=random_labels", "corruption.always_change=true").job
    assert free == make_config("corruption=random_labels").job
    assert "random_labels_probability1.0-seed0" in free
    assert "random_labels_probability1.0_always_changeTrue-seed0" in always


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


def test_the_background_of_images_counts_where_it_is_chosen(make_config) -> None:
    # The name is that of a time when there was no choice.
    before = "mlp_1x512-image_folder-none-seed0-22580915"
    folder = ("data=image_folder", "data.root=/nowhere")
    assert make_config(*folder).job == make_config(*folder, "data.background=white").job == before
    assert make_config(*folder, "data.background=black").job != before


@pytest.mark.parametrize(
    ("overrides", "known"),
    [
        (FORMER, "4574cf1de3aac71d"),
        ([*FORMER, "corruption=random_labels", "seed=3"], "86c0822b986cdf75"),
        ([*FORMER, "model=inception", "regularizer=[weight_decay]"], "6dac9b35a6bac25c"),
        (
            ["corruption=chain", "data=cifar10", "trainer.max_epochs=7", *FORMER[1:]],
            "8af444177cb81c90",
        ),
    ],
)
def test_finished_runs_keep_their_hash(make_config, overrides: list[str], known: str) -> None:
    # Of version 0.1: a new setting whose default changes nothing must not run everything again.
    assert config_hash(make_config(*overrides).plain()) == known


@pytest.mark.parametrize(
    ("overrides", "job"),
    [
        # Nothing is trained, or for as long as the task or the experiment says.
        (["task=kernel", "data=mnist"], "kernel-mnist-none-seed0-59244f6d"),
        (["task=kernel"], "kernel-digits-none-seed0-ca9fb083"),
        (["task=factorization"], "factorization-ratings-none-seed0-7eacd117"),
        (["task=expressivity"], "expressivity-digits-none-seed0-b7d9bf2c"),
        (["task=implicit_regularization"], "implicit_regularization-digits-none-seed0-596a0024"),
        (
            ["task=permutation_test", "data=mnist"],
            "permutation_test-cnn_15x15-mnist-none-seed0-28f25724",
        ),
        (
            ["data=cifar10", "trainer.max_epochs=100", "trainer.stop_at_train_accuracy=null"],
            "mlp_1x512-cifar10-none-seed0-591e6dc6",
        ),
        (
            ["data=cifar10", "trainer.max_epochs=100", "trainer.stop_at_train_accuracy=1.0"],
            "mlp_1x512-cifar10-none-seed0-3a74aa58",
        ),
        (
            ["data=mnist", "trainer.max_epochs=7", "trainer.stop_at_train_accuracy=null"],
            "mlp_1x512-mnist-none-seed0-c452252f",
        ),
        (
            ["trainer.max_epochs=10", "trainer.stop_at_train_accuracy=null", "schedule=constant"],
            "mlp_1x512-digits-none-seed0-0275b715",
        ),
        (["experiment=digits"], "mlp_1x512-digits-none-seed0-bfcdbd89"),
        (["experiment=table_1", "scale=paper"], "mlp_1x512-cifar10-none-seed0-591e6dc6"),
        (["experiment=table_4", "scale=paper"], "mlp_1x512-cifar10-none-seed0-49c99f56"),
        (["experiment=figure_1bc"], "mlp_1x512-digits-none-seed0-e05353dc"),
        (["experiment=pixels_of_digits"], "permutation_test-mlp-digits-none-seed0-222ea1ca"),
        (["experiment=cnn_against_mlp"], "mlp_1x512-digits-none-seed0-fce0608b"),
        (["experiment=label_noise_grid"], "mlp_1x512-digits-none-seed0-ccb98daf"),
        (["experiment=factorization"], "factorization-ratings-none-seed0-7eacd117"),
        (["experiment=expressivity"], "expressivity-digits-none-seed0-b7d9bf2c"),
        (["experiment=figure_2b"], "mlp_1x512-digits-none-seed0-8462c508"),
    ],
)
def test_another_default_length_runs_nothing_else_again(make_config, overrides, job) -> None:
    assert make_config(*overrides).job == job


@pytest.mark.parametrize("samples", ["null", "50000", "20000"])
def test_a_decay_by_samples_is_one_by_epochs_on_a_set_as_large(make_config, samples: str) -> None:
    jobs = {
        make_config("data=cifar10", f"schedule.samples={given}").job for given in (samples, "null")
    }
    assert len(jobs) == 1


@pytest.mark.parametrize(
    ("overrides", "before", "again"),
    [
        ([*FORMER, "probe=loss_mixture"], "a10c987b353bb657", True),
        ([*FORMER, "probe=loss_mixture", "probe.mixture=gaussian"], "51e7e18f938778b1", False),
        # Only what was concluded from these is left out since, when they are read.
        (["task=permutation_test", "schedule.samples=null"], "7ddadb70f0fb0f98", False),
        (
            ["task=rademacher", *FORMER[::2], "trainer.stop_at_train_accuracy=1.0"],
            "3f57462f92c5231a",
            False,
        ),
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


def test_one_frozen_layer_is_a_list_of_one(make_config) -> None:
    alone, listed = (make_config(f"freeze={word}").plain() for word in ("hidden", "[hidden]"))
    assert config_hash(alone) == config_hash(listed) != config_hash(make_config().plain())
