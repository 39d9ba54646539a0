"""published.yaml against the paper's own tables, typed a second time."""

import pytest

from nullfit.config.composer import config_folder
from nullfit.results.published.figures import published_numbers

NONE, CROP, DECAY = (), ("random_crop",), ("weight_decay",)
BOTH = ("random_crop", "weight_decay")
RANDOM = "random labels"
# model, cell, training and test accuracy in %
TABLE_1 = [
    ("inception", BOTH, 100, 89.05),
    ("inception", CROP, 100, 89.31),
    ("inception", DECAY, 100, 86.03),
    ("inception", NONE, 100, 85.75),
    ("inception", RANDOM, 100, 9.78),
    ("inception_no_bn", DECAY, 100, 83.00),
    ("inception_no_bn", NONE, 100, 82.00),
    ("inception_no_bn", RANDOM, 100, 10.12),
    ("alexnet", BOTH, 99.90, 81.22),
    ("alexnet", CROP, 99.82, 79.66),
    ("alexnet", DECAY, 100, 77.36),
    ("alexnet", NONE, 100, 76.07),
    ("alexnet", RANDOM, 99.82, 9.86),
    ("mlp_3x512", DECAY, 100, 53.35),
    ("mlp_3x512", NONE, 100, 52.39),
    ("mlp_3x512", RANDOM, 100, 10.48),
    ("mlp_1x512", DECAY, 99.80, 50.39),
    ("mlp_1x512", NONE, 100, 50.51),
    ("mlp_1x512", RANDOM, 99.34, 10.61),
]
TABLE_2 = {
    ("augmentation", "dropout", "weight_decay"): (92.18, 77.84, 93.92),
    ("augmentation",): (92.33, 72.95, 90.43),
    ("weight_decay",): (90.60, 67.18, 86.44),
    (): (99.53, 59.80, 80.38),
}


def of(source):
    return [number for number in published_numbers() if number.source == source]


def cell(number):
    if number.match["corruption.name"] == "random_labels":
        assert number.match["corruption.probability"] == 1
        assert number.match["regularizer"] == []
        return RANDOM
    return tuple(number.match["regularizer"])


def test_every_number_of_table_1():
    numbers = of("Zhang et al. 2017, Table 1")
    found = {(n.match["model.name"], cell(n), n.quantity): n.value for n in numbers}
    expected = {}
    for model, regularizers, train, test in TABLE_1:
        expected[model, regularizers, "train/accuracy"] = train / 100
        expected[model, regularizers, "test/accuracy"] = test / 100
    for model, parameters in [
        *(("inception", 1_649_402), ("inception_no_bn", 1_649_402), ("alexnet", 1_387_786)),
        *(("mlp_3x512", 1_735_178), ("mlp_1x512", 1_209_866)),
    ]:
        expected[model, NONE, "parameters"] = parameters
    assert found == pytest.approx(expected)
    assert len(numbers) == len(expected) == 2 * 19 + 5


def test_table_1_was_made_with_these_settings():
    for number in of("Zhang et al. 2017, Table 1"):
        inception = number.match["model.name"].startswith("inception")
        assert number.setup["optimizer.lr"] == (0.1 if inception else 0.01)
        assert number.setup["schedule.gamma"] == 0.95
        assert number.setup["data.crop"] == 28


def test_every_number_of_table_2():
    numbers = of("Zhang et al. 2017, Table 2")
    found = {(cell(n), n.quantity): n.value for n in numbers if cell(n) != RANDOM}
    quantities = ("train/accuracy", "test/accuracy", "test/top5_accuracy")
    expected = {
        (regularizers, quantity): value / 100
        for regularizers, row in TABLE_2.items()
        for quantity, value in zip(quantities, row, strict=True)
    }
    assert found == pytest.approx(expected)
    assert [n.value for n in numbers if cell(n) == RANDOM] == [pytest.approx(0.952)]


@pytest.mark.parametrize(
    ("source", "quantity", "values"),
    [
        ("Zhang et al. 2017, Table 4", "train/accuracy", [1, None, 1, 0.9921, 0.9993, 0.9928]),
        ("another reproduction of Table 4", "train/accuracy", [1]),
        ("Zhang et al. 2017, Figure 1a", "train/loss", [0] * 5),
        ("Zhang et al. 2017, Figure 1b", "relative_time_to_fit", [4] * 3),
        ("Zhang et al. 2017, Figure 1c", "test/error", [0.11, 0.9]),
        (
            "Zhang et al. 2017, Table 3 and section 5 (kernels)",
            "test/error",
            [0.012, 0.006, 0.46, 0.17, 0.15],
        ),
        ("Zhang et al. 2017, Table 3 and section 5 (kernels)", "solution_norm", [220, 390]),
        ("the first author's kernel example", "test/error", [0.0122]),
        ("fitting-random-labels", "train/accuracy", [1, 1, 1, 0.9997]),
        ("fitting-random-labels", "test/accuracy", [0.8641, 0.8641, 0.0999, 0.0957]),
        ("fitting-random-labels", "parameters", [369_498, 369_498, 1_577_984]),
        (
            "an independent reproduction of Table 1",
            "test/accuracy",
            [0.8912, 0.8896, 0.8551, 0.8527, 0.0997, 0.8498, 0.8403, 0.0988],
        ),
        (
            "another reproduction of Figure 1a",
            "steps_to_loss_0.1",
            [4_000, 5_600, 8_800, 11_900, 16_600],
        ),
        ("a mini-GoogLeNet notebook", "best_val_accuracy", [0.7208]),
        ("a mini-GoogLeNet notebook", "seconds_per_epoch", [30]),
        ("a small Inception notebook", "parameters", [1_814_106]),
        ("a CNN-against-MLP exercise", "test/accuracy", [0.54, 0.49]),
        (
            "Jiang et al. 2021 (C-scores), the published scores of MNIST's training set",
            "c_score",
            [0.97359],
        ),
        (
            "Toneva et al. 2019 (example forgetting), section 4.1",
            "never_forgotten_in_any_run",
            [0.917, 0.753],
        ),
        ("Dziugaite and Roy 2017, Table 1", "pac_bayes_bound", [0.161, 1.352]),
        ("Dziugaite and Roy 2017, Table 1", "test/accuracy", [0.982]),
        ("a CNN-against-MLP exercise", "parameters", [62_006, 402_250]),
        ("a CNN-against-MLP exercise", "test_random_pixels/accuracy", [0.19, 0.18]),
    ],
)
def test_the_other_sources(source, quantity, values):
    numbers = [number for number in of(source) if number.epoch is None]
    found = [number.value for number in numbers if number.quantity == quantity]
    assert found == [value if value is None else pytest.approx(value) for value in values]


LABEL_NOISE = "fitting-random-labels"
EXERCISE = "a CNN-against-MLP exercise"
GOOGLENET = "a mini-GoogLeNet notebook"
CURVES = [  # source, quantity, what its runs have in common, points as published
    (
        LABEL_NOISE,
        "train/accuracy",
        {"corruption.name": "none"},
        "58.49 69.64 76.29 73.34 82.07 84.26 94.11 99.97",
    ),
    (
        LABEL_NOISE,
        "test/accuracy",
        {"corruption.name": "none"},
        "56.92 68.24 73.24 70.56 77.42 79.33 80.31 85.87",
    ),
    (
        LABEL_NOISE,
        "train/accuracy",
        {"corruption.probability": 1.0, "model.depth": 28},
        "10.30 11.40 48.70 77.35 99.00 100.00",
    ),
    (
        LABEL_NOISE,
        "train/accuracy",
        {"model.name": "mlp"},
        "12.59 15.92 17.73 18.64 20.90 99.96 99.97",
    ),
    (LABEL_NOISE, "train/loss", {"model.name": "mlp"}, "0.0147 0.0134"),
    (LABEL_NOISE, "test/loss", {"model.name": "mlp"}, "10.29 10.33"),
    ("a small Inception notebook", "train/running_loss", {}, "2.678 2.234"),
    (EXERCISE, "train/running_loss", {"model.name": "lenet"}, "1.7330 1.3442"),
    (EXERCISE, "train/running_loss", {"model.name": "mlp_128x64"}, "1.6817 1.4682"),
    (
        GOOGLENET,
        "train/running_accuracy",
        {},
        "20.34 32.53 38.65 45.02 51.11 56.03 60.36 63.86 66.20 69.01",
    ),
    (GOOGLENET, "val/accuracy", {}, "29.28 37.30 43.68 49.76 54.53 52.37 63.07 63.77 63.21 66.81"),
    (
        GOOGLENET,
        "train/running_loss",
        {},
        "2.2378 2.0671 1.8679 1.6639 1.4695 1.3119 1.1861 1.0868 1.0105 0.9375",
    ),
    (
        GOOGLENET,
        "val/loss",
        {},
        "2.1514 1.9390 1.7402 1.5227 1.3420 1.3813 1.1013 1.0532 1.0704 0.9458",
    ),
]
EPOCHS = {
    ("a small Inception notebook", 2): [1, 2],
    (EXERCISE, 2): [1, 2],
    (LABEL_NOISE, 8): [1, 2, 3, 4, 5, 6, 150, 151],
    (LABEL_NOISE, 6): [1, 6, 39, 150, 151, 155],
    (LABEL_NOISE, 7): [1, 2, 3, 4, 5, 221, 300],
    (LABEL_NOISE, 2): [221, 300],
    (GOOGLENET, 10): [*range(1, 11)],
}


@pytest.mark.parametrize(("source", "quantity", "common", "points"), CURVES)
def test_every_point_of_a_curve(source, quantity, common, points):
    values = [float(point) / (1 if "loss" in quantity else 100) for point in points.split()]
    found = {
        number.epoch: number.value
        for number in of(source)
        if number.epoch is not None and number.quantity == quantity
        if common.items() <= {**number.setup, **number.match}.items()
    }
    epochs = EPOCHS[source, len(values)]
    assert found == pytest.approx(dict(zip(epochs, values, strict=True)))


@pytest.mark.parametrize(
    ("model", "test", "values"),
    [
        ("lenet", "test", [76, 66, 32, 37, 39, 51, 70, 59, 53, 59]),
        ("mlp_128x64", "test", [56, 69, 37, 48, 41, 20, 53, 51, 62, 48]),
        ("lenet", "test_random_pixels", [14, 56, 0, 0, 13, 0, 70, 0, 12, 22]),
        ("mlp_128x64", "test_random_pixels", [53, 0, 20, 5, 19, 7, 63, 0, 10, 0]),
    ],
)
def test_the_accuracies_by_class_of_the_exercise(model, test, values):
    numbers = of("a CNN-against-MLP exercise")
    found = {n.quantity: n.value for n in numbers if n.match["model.name"] == model}
    by_class = [found[f"{test}/accuracy_of_class_{number}"] for number in range(10)]
    assert by_class == pytest.approx([value / 100 for value in values])
    # classes are of one size, and accuracies were rounded
    assert sum(by_class) / 10 == pytest.approx(found[f"{test}/accuracy"], abs=0.006)


def test_a_missing_value_says_why():
    assert all(number.remark for number in published_numbers() if number.value is None)


@pytest.mark.parametrize(
    "key",
    ["data.name", "optimizer.name", "schedule.name", "trainer.stop_at_train_accuracy", "epochs"],
)
def test_what_decides_a_training_is_stated_or_left_open(key):
    """Else it would be asked for what nullfit happens to ship."""
    for number in published_numbers():
        stated = {**number.match, **number.setup}
        if stated.get("task.name", "train") == "train":
            lengths = {"trainer.max_epochs", "least_epochs"} if key == "epochs" else {key}
            is_open = {key, key.partition(".")[0]} & set(number.open) or number.differs
            assert lengths & stated.keys() or is_open, number


@pytest.mark.parametrize("group", ["model", "corruption", "data", "regularizer"])
def test_numbers_name_options_that_exist(group):
    options = {path.stem for path in (config_folder() / group).glob("*.yaml")}
    named = set()
    for number in published_numbers():
        both = {**number.setup, **number.match}
        named |= (
            set(both.get("regularizer", []))
            if group == "regularizer"
            else {both[key] for key in [f"{group}.name"] if key in both}
        )
    assert named
    assert named <= options
