import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException

from nullfit.config.grids import grid_jobs

PARSE = OverridesParser.create().parse_overrides
GRIDS = [
    {"model": "inception", "regularizer": "none,weight_decay", "corruption": "none"},
    {"model": "inception,alexnet", "regularizer": "none", "corruption": "random_labels"},
]
UNION = {
    ("inception", "none", "none"),
    ("inception", "weight_decay", "none"),
    ("inception", "none", "random_labels"),
    ("alexnet", "none", "random_labels"),
}


def values(jobs, *keys):
    chosen = [dict(override.split("=", 1) for override in job) for job in jobs]
    return [tuple(job[key] for key in keys) for job in chosen]


def cells(*overrides, params=None, grids=GRIDS):
    jobs = grid_jobs(PARSE, params, grids, PARSE(list(overrides)))
    found = values(jobs, "model", "regularizer", "corruption")
    assert len(found) == len({tuple(job) for job in jobs})
    return set(found)


def test_jobs_are_the_union_of_the_products():
    assert cells() == UNION


def test_a_job_of_two_products_is_run_once():
    jobs = grid_jobs(PARSE, None, [{"a": "1,2"}, {"a": "2,3"}], [])
    assert jobs == [["a=1"], ["a=2"], ["a=3"]]


def test_what_the_command_line_sweeps_joins_every_product():
    jobs = grid_jobs(PARSE, {"study": "x"}, GRIDS, PARSE(["seed=0,1,2"]))
    assert len(jobs) == 3 * len(UNION)
    assert set(values(jobs, "seed", "study")) == {("0", "x"), ("1", "x"), ("2", "x")}


def test_without_grids_params_and_command_line_make_one_product():
    jobs = grid_jobs(PARSE, {"a": "1,2", "b": 3}, None, PARSE(["c=4,5"]))
    assert values(jobs, "a", "b", "c") == [
        ("1", "3", "4"),
        ("1", "3", "5"),
        ("2", "3", "4"),
        ("2", "3", "5"),
    ]
    assert grid_jobs(PARSE, None, None, []) == [[]]


def test_a_grid_overrides_params_and_the_command_line_overrides_both():
    params, grids = {"a": 1, "b": 1}, [{"a": 2}]
    assert grid_jobs(PARSE, params, grids, PARSE(["b=7"])) == [["a=2", "b=7"]]


@pytest.mark.parametrize("value", ["alexnet", "inception", "alexnet,inception"])
def test_values_of_the_grids_select_from_them(value):
    chosen = set(value.split(","))
    assert cells(f"model={value}") == {cell for cell in UNION if cell[0] in chosen}


def test_all_overrides_of_a_job_give_that_job_back():
    for job in grid_jobs(PARSE, None, GRIDS, []):
        assert grid_jobs(PARSE, None, GRIDS, PARSE(job)) == [job]


def test_other_values_take_the_place_of_the_grids():
    assert cells("model=lenet") == {("lenet", *cell[1:]) for cell in UNION}


def test_lists_are_values():
    jobs = grid_jobs(PARSE, None, [{"regularizer": "[a,b],a"}], [])
    assert jobs == [["regularizer=[a,b]"], ["regularizer=a"]]


def test_a_sweep_without_values_is_refused():
    with pytest.raises(HydraException, match=r"^lr=interval\(0,1\) has no list of values"):
        grid_jobs(PARSE, None, None, PARSE(["lr=interval(0,1)"]))
