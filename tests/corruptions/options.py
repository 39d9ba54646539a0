"""Every option of ``conf/corruption/`` but the chain, sorted by what its function declares."""

from functools import partial
from pathlib import Path
from typing import Any

import yaml

from nullfit import corruptions
from nullfit.corruptions.corruption import declared

FOLDER = Path(__file__).parents[2] / "conf" / "corruption"
MATRIX = [[0.28 if i == j else 0.08 for j in range(10)] for i in range(10)]
# Where those of the YAML file destroy all, or do not suit the small images of the tests.
SETTINGS = {
    "random_labels": {"probability": 0.7},
    "shuffled_labels": {"fraction": 0.7},
    "pair_flip_labels": {"probability": 0.7},
    "asymmetric_labels": {"probability": 0.7, "classes": {0: 1, 1: 0, 2: 7, 3: 8, 5: 6, 6: 9}},
    "transition_matrix": {"matrix": MATRIX},
    "shuffled_patches": {"patch": 2},
}


def read(option: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / f"{option}.yaml").read_text(encoding="utf-8"))


def settings_of(option: str) -> dict[str, Any]:
    own = {key: value for key, value in read(option).items() if key not in read("none")}
    return own | SETTINGS.get(option, {})


NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != "chain")
FUNCTIONS = {name: getattr(corruptions, name) for name in NAMES}
# They draw nothing, and read what stands in a file: test_labels_from_file.py.
FROM_FILES = {"labels_from_file"}
CORRUPTIONS = {
    name: partial(FUNCTIONS[name], **settings_of(name)) for name in NAMES if name not in FROM_FILES
}


def that_change(*parts: str) -> dict[str, Any]:
    return {name: f for name, f in CORRUPTIONS.items() if declared(f).changes == set(parts)}


LABELS, IMAGES, ENTRIES = (that_change(part) for part in ("labels", "images", "entries"))
# One draw for all samples: the others draw for each.
SHARED_BY_ALL_SAMPLES = {"none", "shuffled_pixels", "shuffled_patches"}
# Their settings name classes of the tests' ten.
OF_TEN_CLASSES = {"asymmetric_labels", "transition_matrix"}
