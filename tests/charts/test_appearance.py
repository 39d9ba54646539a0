"""Names, order and looks of corruptions and networks."""

import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest

from nullfit.charts.appearance import MARKERS, look, looks, network_looks, network_words, place

OPTIONS = sorted(path.stem for path in Path("conf/corruption").glob("*.yaml"))
STUDY = ["none", "random_labels", "shuffled_pixels", "random_pixels", "gaussian"]


def test_every_corruption_has_a_place_and_a_look_of_its_own():
    for kind in ("label", "color", "marker"):
        assert len({getattr(look(name), kind) for name in OPTIONS}) == len(OPTIONS)
    assert sorted(map(place, OPTIONS)) == list(range(len(OPTIONS)))
    assert place("none") == 0
    assert place("half_grey") == len(OPTIONS)
    assert look("none").label == "true labels"


def test_the_corruptions_of_the_study_have_a_dash_each():
    assert len({look(name).dash for name in STUDY}) == len(STUDY)


# Viénot, Brettel and Mollon (1999): what is left of linear RGB without one kind of cone.
DICHROMACY = {
    "protanopia": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deuteranopia": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
}


@pytest.mark.parametrize("matrix", DICHROMACY.values(), ids=DICHROMACY.keys())
@pytest.mark.parametrize(("first", "second"), list(combinations(STUDY, 2)))
def test_the_colours_of_the_study_are_told_apart_by_the_colour_blind(first, second, matrix):
    def seen(name):
        color = look(name).color
        linear = [(int(color[start : start + 2], 16) / 255) ** 2.2 for start in (1, 3, 5)]
        return [
            max(0.0, sum(m * c for m, c in zip(row, linear, strict=True))) ** (1 / 2.2)
            for row in matrix
        ]

    difference = sum((a - b) ** 2 for a, b in zip(seen(first), seen(second), strict=True)) ** 0.5
    assert difference > 0.2


def test_a_users_own_corruption_gets_a_stable_look_and_its_name_in_words():
    own = look("half_grey")
    assert (own.label, own.color, own.marker) == ("half grey", "#117733", "three_star")
    assert own.marker not in {look(name).marker for name in OPTIONS}


def test_levels_of_one_corruption_are_told_apart_without_colour():
    drawn = looks(["none", "random_labels", "random_labels", "random_labels", "gaussian"])
    assert drawn[0] == look("none")
    assert drawn[3] == look("random_labels")  # the strongest
    assert len({of.color for of in drawn[1:4]}) == 3
    assert len({of.dash for of in drawn[1:4]}) == 3
    assert len({of.marker for of in drawn}) == 5


def test_more_levels_than_markers_are_drawn_all_the_same():
    assert len(looks(["random_labels"] * 40)) == 40


def test_networks_have_names_for_people_and_differ_without_colour():
    assert network_words("mlp_1x512, lr=0.1") == "MLP 1×512, lr=0.1"
    assert network_words("wide_resnet_10") == "Wide ResNet 10"
    assert network_words("forgetting_cnn") == "Forgetting CNN"
    assert network_words("inception_no_bn") == "Inception without batch norm"
    assert network_words("my_net") == "my net"
    drawn = network_looks(["mlp", "lenet", "mlp"], "#D55E00")
    assert list(drawn) == ["mlp", "lenet"]
    assert {of.color for of in drawn.values()} == {"#D55E00"}
    assert drawn["mlp"].marker != drawn["lenet"].marker
    assert drawn["mlp"].dash != drawn["lenet"].dash


def test_markers_are_paths_about_as_large_as_their_square():
    for path in MARKERS.values():
        numbers = [float(number) for number in re.findall(r"-?\d+\.?\d*", path)]
        assert 0.8 <= max(map(abs, numbers)) <= 1.4


def test_to_ask_for_a_name_imports_nothing_heavy():
    code = (
        "import sys, nullfit.charts.appearance; "
        "print({'altair', 'pandas', 'numpy', 'vl_convert', 'matplotlib'} & set(sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"
