"""The p-values of the calibration, on small cells."""

import numpy as np
import pytest
import torch

from nullfit.tasks.permutation.calibration.cell import CalibrationSettings, Cell, Regime, cells_of
from nullfit.tasks.permutation.calibration.experiment import p_values_of
from nullfit.tasks.permutation.calibration.methods import methods
from nullfit.tasks.permutation.calibration.situations import SITUATIONS
from nullfit.tasks.permutation.freedman_lane import FreedmanLane
from nullfit.tasks.permutation.nulls import Conditional


def regime(**changes: object) -> Regime:
    settings = {
        "situations": ["strong"],
        "samples": [40],
        "weight_decay": [0],
        "nulls": ["labels", "feature", "conditional", "nonlinearity"],
        "replicates": 19,
        "hidden": [8],
        "steps": 60,
        "lr": 0.05,
        "batch_size": 40,
    }
    return Regime.model_validate({**settings, **changes})


def test_an_active_input_is_found_and_data_sets_do_not_depend_on_their_company() -> None:
    torch.set_num_threads(1)
    cell = Cell("strong", 40, "test", 0.0, regime())
    p = p_values_of(cell, range(2), seed=3)
    names = [(method.statistic, method.null) for method in methods(cell)]
    assert p.shape == (2, len(names), 2)
    assert np.all((p > 0) & (p <= 1))
    for found in (("t or F", "linear model"), ("share", "feature"), ("share", "conditional")):
        assert np.all(p[:, names.index(found), 0] <= 0.05), found
    alone = p_values_of(cell, [1], seed=3)[0]
    network_tests = [k for k, name in enumerate(names) if name[1] != "scikit-learn"]
    np.testing.assert_array_equal(alone[network_tests], p[1, network_tests])


def test_a_family_has_one_p_value_for_each_adjustment_that_is_offered() -> None:
    torch.set_num_threads(1)
    family = regime(situations=["none"], replicates=99, nulls=["labels", "feature"], steps=2,
                    family=True)  # fmt: skip
    cell = Cell("none", 40, "test", 0.0, family)
    by_null: dict[str, set[str]] = {}
    for method in methods(cell):
        assert method.kind == "familywise"
        by_null.setdefault(method.null, set()).add(method.adjustment)
    assert by_null == {
        "labels": {"Holm", "Benjamini–Hochberg", "max-T"},
        "feature": {"Holm", "Benjamini–Hochberg"},
    }
    assert cell.trainings == 1 + 99 * (1 + 5)
    p = p_values_of(cell, [0, 1], seed=3)
    assert p.shape == (2, len(methods(cell)), 1)
    holm, bh, max_t = (
        [method.adjustment for method in methods(cell)].index(name)
        for name in ("Holm", "Benjamini–Hochberg", "max-T")
    )
    assert np.all(p[:, [bh, max_t]] <= p[:, [holm]])  # neither is ever above Holm's


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"situations": ["none_of_eight"], "replicates": 99}, "must be at least 159, 20 for each"),
        ({"situations": ["linear"], "replicates": 99}, "must be among none, none_correlated"),
    ],
)
def test_a_family_that_tells_nothing_is_refused(changes: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        regime(family=True, **changes)


def test_every_combination_is_a_cell_and_the_quick_ones_come_first() -> None:
    chosen = regime(situations=["none", "linear"], samples=[300, 100], weight_decay=[0, 0.01])
    cells = cells_of(CalibrationSettings(data_sets=2, regimes={"one": chosen, "left_out": None}))
    assert len({cell.name for cell in cells}) == len(cells) == 8
    assert [cell.samples for cell in cells] == [100] * 4 + [300] * 4
    assert cells[0].trainings == 1 + 19 * (1 + 2 + 2 + 2)


@pytest.mark.parametrize(("situation", "curved"), [("curved", True), ("linear", False)])
def test_curves_of_other_inputs_are_taken_out(situation: str, curved: bool) -> None:
    """In ``curved`` the second input is 0.8 of a square of the first: 0.36 of it is left."""
    problem = SITUATIONS[situation].draw(3000, seed=0)
    null = Conditional(problem, seed=0)
    drawn = null.draw(0, 1).columns
    assert drawn is not None
    first = problem.inputs.flatten(1)[:, 0]
    kept = np.corrcoef(first.numpy() ** 2, drawn[:, 0].numpy())[0, 1]
    assert kept == pytest.approx(0.8 if curved else 0.0, abs=0.05)


def test_freedman_and_lane_keep_a_line_and_curves_of_others() -> None:
    problem = SITUATIONS["beside"].draw(3000, seed=0)
    inputs = problem.inputs.flatten(1).numpy()
    drawn = FreedmanLane(problem, seed=0).draw(0, 0).targets.numpy()
    assert drawn.var() == pytest.approx(1.0, abs=0.05)
    for truth in (inputs[:, 0], inputs[:, 3] ** 2):
        before = np.corrcoef(truth, problem.targets.numpy())[0, 1]
        assert np.corrcoef(truth, drawn)[0, 1] == pytest.approx(before, abs=0.05)
    square = SITUATIONS["square"].draw(3000, seed=0)
    x = square.inputs.flatten(1)[:, 0].numpy()
    # Tested for curvature, the feature's own curve is not kept.
    assert abs(np.corrcoef(x**2, FreedmanLane(square, 0).draw(0, 0).targets.numpy())[0, 1]) < 0.06


def test_the_second_input_is_of_its_kind() -> None:
    category = SITUATIONS["category"].draw(100, seed=0)
    assert category.input_shape == (1, 1, 8)
    block = category.inputs.flatten(1)[:, category.features[1].positions]
    assert torch.equal(block.sum(1), torch.ones(100))
    classes = SITUATIONS["classes_binary"].draw(100, seed=0)
    assert classes.kind == "classification"
    assert set(classes.targets.tolist()) == {0, 1}
    assert len(classes.inputs.flatten(1)[:, 1].unique()) == 2
    zeros = SITUATIONS["zeros"].draw(1000, seed=0).inputs.flatten(1)[:, 1]
    assert float((zeros == zeros.min()).float().mean()) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("situation", ["category", "classes_binary"])
def test_what_cannot_be_curved_is_not_tested_for_it(situation: str) -> None:
    torch.set_num_threads(1)
    cell = Cell(situation, 40, "test", 0.0, regime(steps=10))
    assert all(not method.nonlinearity for method in methods(cell))
    p = p_values_of(cell, [0], seed=3)
    assert p.shape == (1, len(methods(cell)), 2)
    assert np.all((p >= 0) & (p <= 1))
