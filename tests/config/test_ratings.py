"""Ratings go with corruptions of entries and task=factorization, and with nothing of images."""

import pytest
import yaml

from nullfit.assembly import load_dataset, load_ratings
from nullfit.config.composer import config_folder
from nullfit.config.ratings import _GENERATED, check_ratings
from nullfit.config.targets import HOMES
from nullfit.data.rating_matrix import RatingMatrix
from nullfit.errors import UserError

REFUSED = {
    "corruption of images": (
        ["corruption=random_labels"],
        "corruption=random_labels is for images, and data=ratings is a matrix of ratings: "
        "use gaussian_entries, none or shuffled_entries.",
    ),
    "corruption of entries": (
        ["corruption=shuffled_entries", "data=digits"],
        "corruption=shuffled_entries is for the entries of a matrix, and data=digits has none: "
        "use task=factorization data=ratings, or a corruption of images.",
    ),
    "test entries": (
        ["corruption=gaussian_entries", "corruption.apply_to=both"],
        "corruption.apply_to=both is impossible for gaussian_entries: test entries are never "
        "corrupted. Allowed: train.",
    ),
    "fresh draws": (
        ["corruption=gaussian_entries", "corruption.fresh=true"],
        "corruption.fresh=true is impossible for ratings: they are drawn once.",
    ),
    "limit": (
        ["data.train_limit=5"],
        "data.train_limit=5 has no effect on data=ratings, a matrix of ratings: "
        "factorization.train_share divides its entries.",
    ),
    "step of a chain": (
        ["corruption=chain", "corruption.steps=[shuffled_entries,gaussian]"],
        "corruption=gaussian is for images",
    ),
    "share of all": (["factorization.train_share=1.0"], "factorization.train_share=1.0 is not"),
    "negative penalty": (["factorization.lambda_v=-1"], "factorization.lambda_v=-1 is not allowed"),
    "no column": (["factorization.rank=0"], "factorization.rank=0 is not allowed"),
}


@pytest.mark.parametrize(("overrides", "message"), REFUSED.values(), ids=list(REFUSED))
def test_what_does_not_go_together_is_refused_before_anything_runs(
    make_config, overrides, message
) -> None:
    with pytest.raises(UserError) as refusal:
        make_config("task=factorization", *overrides)
    assert str(refusal.value).startswith(message)


def test_other_tasks_say_that_they_need_images(make_config) -> None:
    with pytest.raises(UserError, match="task=train needs images, and data=ratings is a matrix"):
        load_dataset(make_config("data=ratings"))


def test_factorization_says_that_it_needs_ratings(make_config) -> None:
    with pytest.raises(UserError, match="needs a matrix of ratings, and data=digits is none"):
        load_ratings(make_config("task=factorization", "data=digits"))


def test_factorization_comes_with_ratings_and_one_penalty_for_both_factors(make_config) -> None:
    config = make_config("task=factorization", "factorization.lambda_u=0.25")
    assert config.data.name == "ratings"
    assert config.task_settings["factorization"]["lambda_v"] == 0.25
    assert config.job.startswith("factorization-ratings-none-seed0-")


def test_where_other_data_lie_does_not_count_and_every_setting_does(make_config) -> None:
    same = make_config("task=factorization", "data.root=/elsewhere")
    assert same.job == make_config("task=factorization").job
    keys = ["rank=6", "lambda_u=2", "lambda_v=2", "train_share=0.5", "iterations=3"]
    jobs = {make_config("task=factorization", f"factorization.{key}").job for key in keys}
    jobs |= {make_config("task=factorization", f"data.path={name}").job for name in ("a", "b")}
    assert len(jobs | {same.job}) == 8


def mine(*, path: str, rank: int) -> RatingMatrix | None:
    """A source of a user's own, in which a rank may mean anything; it finds nothing."""


def test_what_is_generated_has_no_effect_on_a_file(make_config) -> None:
    shipped = yaml.safe_load((config_folder() / "data/ratings.yaml").read_text())
    assert {key: shipped[key] for key in _GENERATED} == _GENERATED
    config = make_config("task=factorization", "data=ratings", "data.path=r.csv")
    assert check_ratings(config) == []
    assert config.data.target == f"{HOMES['data']}.ratings"
    other = config.data.model_copy(update={"rank": 8})
    (problem,) = check_ratings(config.model_copy(update={"data": other}))
    assert problem.startswith("data.rank=8 is of a generated matrix")
    own = other.model_copy(update={"target": f"{__name__}.mine"})
    trusted = {"data": own, "allow_targets": [__name__]}
    assert check_ratings(config.model_copy(update=trusted)) == []
