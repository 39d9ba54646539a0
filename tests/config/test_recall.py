"""The settings of a trained run come back from its checkpoint."""

import pytest

from nullfit.config.identity import config_hash
from nullfit.config.recall import recalled

RUNS = {
    "defaults": [],
    "lists and numbers": ["model.hidden=[64,32]", "data.train_limit=100", "seed=7"],
    "regularizers": ["regularizer=[weight_decay,dropout]", "regularizer.dropout.probability=0.1"],
    "chain": ["corruption=chain", "corruption.steps=[{name: gaussian_noise, sigma: 0.5}]"],
    "text": ["data=table", "data.path='/a b/c,d'", "data.target='x: y'"],
    "schedule": ["schedule=multistep", "schedule.milestones=[1,2]"],
}


@pytest.mark.parametrize("overrides", RUNS.values(), ids=list(RUNS))
def test_recalled_settings_are_the_same_run(make_config, overrides) -> None:
    config = make_config(*overrides)
    places = [word for word in overrides if word.startswith("data.path=")]  # the command's to say
    again = make_config(*recalled(config.plain(), []), *places)
    assert config_hash(again.plain()) == config_hash(config.plain())


def test_what_the_user_chooses_anew_is_not_recalled(make_config) -> None:
    config = make_config("corruption=random_labels", "corruption.probability=0.3")
    overrides = recalled(config.plain(), ["corruption=gaussian"])
    assert make_config(*overrides, "corruption=gaussian").corruption.name == "gaussian"


def test_no_target_and_no_trust_is_taken_from_a_file(make_config) -> None:
    plain = make_config().plain()
    plain["model"]["_target_"] = "os.system"
    plain["allow_targets"] = ["os"]
    plain["data"]["a b;c"] = 1
    overrides = " ".join(recalled(plain, []))
    assert "os" not in overrides.split("=")
    assert "_target_" not in overrides
    assert "allow_targets" not in overrides
    assert "a b;c" not in overrides
