"""What ``--help`` prints: what Hydra would print, faster."""

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
    assert "\nseed: 0\n" in text
    assert "hydra:" not in text


def test_the_settings_are_those_of_the_chosen_options() -> None:
    assert "  name: wide_resnet\n" in help_text(["model=wide_resnet"], None)


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
