"""What ``--help`` prints: what Hydra would print, faster."""

import re
from pathlib import Path

import pytest

from nullfit.config.composer import config_folder
from nullfit.config.help import help_text
from nullfit.errors import UserError


def test_every_group_with_every_option_and_the_settings_are_there() -> None:
    text = help_text([], None)
    for group in (path for path in config_folder().iterdir() if path.is_dir()):
        if group.name != "hydra":
            options = sorted(path.stem for path in group.glob("*.yaml"))
            assert f"\n{group.name}: {', '.join(options)}\n" in text
    assert "\nhydra/launcher: fused, joblib, ray, slurm\n" in text
    assert text.count("hydra/") == 1
    assert "== Settings" in text
    assert "\nseed: 0 " in text
    assert "hydra:" not in text


def test_the_settings_are_those_of_the_chosen_options() -> None:
    assert "  name: wide_resnet\n" in help_text(["model=wide_resnet"], None)


def test_each_setting_is_explained_by_its_comment() -> None:
    text = help_text(["data=table", "regularizer=[weight_decay,dropout]"], None)
    for line in (
        "  target: null                        # the column to be predicted",
        "  batch_size: 128                     # samples in a training step",  # of all data
        "  whitening: none                     # columns are standardized one by one, rows are not",
        "  lr: 0.01                            # learning rate",
        "  precision: 32-true                  # 32-true, 64-true, bf16-mixed or 16-mixed",
    ):
        assert line in text
    # A comment of several lines goes on below its first one.
    assert re.search(
        r"\n  max_epochs: 50 +# learns the rule .*\n  min_samples: 5000000 +# train on", text
    )


def test_a_setting_in_quotes_is_explained_as_any_other() -> None:
    text = help_text(["task=permutation_test"], None)
    assert re.search(r"(?m)^  [\"']?null[\"']?: conditional +# what replicates permute: ", text)


def test_options_of_a_folder_of_ones_own_are_listed(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "my_network.yaml").write_text("name: my_network\n")
    text = help_text([], str(tmp_path))
    line = next(line for line in text.splitlines() if line.startswith("model: "))
    assert "my_network" in line
    assert "mlp_1x512" in line


def test_a_choice_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UserError, match="model=incepton does not exist"):
        help_text(["model=incepton"], None)
