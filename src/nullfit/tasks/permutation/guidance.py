"""What each combination of statistic and null tests, and where it misleads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Literal

from nullfit.errors import UserError

NullName = Literal["labels", "feature", "conditional", "freedman_lane"]


@dataclass(frozen=True)
class Guidance:
    """A sentence on the hypothesis, and a warning or None."""

    tests: str
    warning: str | None = None


_GLOBAL = (
    "the global hypothesis that no input matters: targets are permuted, so nothing can be learnt"
)
_ALONE = (
    "for each feature the hypothesis that it is independent of the target and of all other "
    "inputs: its column alone is permuted"
)
_CONDITIONAL = (
    "for each feature the hypothesis that it tells nothing of the target that the other inputs do "
    "not: its values are permuted with the odds that smooth curves of each of them give"
)
_DEPENDENT = (
    "It breaks where inputs depend on each other: an inactive input that is correlated with an "
    "active one is rejected far too often (task=permutation_calibration). Unless inputs are "
    "independent, choose permutation_test.null=conditional."
)

_GUIDANCE = {
    ("squared", "labels"): Guidance(
        _GLOBAL,
        "A small p says that the network learnt something, not that this input matters: "
        "networks trained on permuted labels have derivatives of another size everywhere. On MNIST "
        "they are tiny and every pixel is significant, constant corners included; a network that "
        "memorizes permuted labels has larger ones and active inputs are missed. "
        "Ask about single inputs with permutation_test.null=feature or conditional.",
    ),
    ("share", "labels"): Guidance(
        _GLOBAL + "; the statistic compares inputs with each other",
        "Rejected inputs have more than the share that networks give them on permuted labels; "
        "an inactive input beside active ones is not what is permuted. "
        "Ask about single inputs with permutation_test.null=feature or conditional.",
    ),
    ("squared", "feature"): Guidance(_ALONE, _DEPENDENT),
    ("share", "feature"): Guidance(
        _ALONE + "; the statistic is free of the output's scale", _DEPENDENT
    ),
    ("squared", "conditional"): Guidance(_CONDITIONAL),
    ("share", "conditional"): Guidance(
        _CONDITIONAL + "; the statistic is free of the output's scale"
    ),
    ("variance", "freedman_lane"): Guidance(
        "for each feature the hypothesis that it acts linearly and apart from the other inputs: "
        "residuals of a least-squares fit, linear in it and along curves of the others, are "
        "permuted",
    ),
}


def residuals_of_classes(needs: str) -> UserError:
    """The refusal of a test of non-linearity where targets are classes."""
    return UserError(
        "permutation_test.kind=nonlinearity permutes residuals, which classes do not have: "
        f"{needs}.\nFor classes use permutation_test.kind=relevance."
    )


def guidance(statistic: str, null: str) -> Guidance:
    """What this combination tests."""
    return _GUIDANCE[statistic, null]


def too_few_replicates(replicates: int, features: int, null: str) -> str | None:
    """A warning if the smallest possible p-value cannot survive Holm's adjustment at 0.05."""
    smallest = 1 / (replicates + 1)
    if features * smallest <= 0.05:
        return None
    needed = 20 * features - 1
    instead = _beside_holm(replicates, features, null)
    return (
        f"The smallest p-value of {replicates} replicates is {smallest:.2g}: adjusted by Holm for "
        f"{features} features nothing can be significant at 0.05 (it takes "
        f"permutation_test.replicates={needed} for that). {instead}"
    )


def _beside_holm(replicates: int, features: int, null: str) -> str:
    if replicates < 19:
        return "Fewer than 19 find nothing at 0.05 by any measure."
    if null == "labels":
        return "Max-T does not have this limit."
    together = ceil(20 * features / (replicates + 1))
    return (
        "Benjamini–Hochberg, which holds the share of false findings instead of the probability of "
        f"any, can where {together} features have that p-value at once."
    )


def notes_of(section: Mapping[str, Any]) -> list[str]:
    """A sentence for each group that a result names."""
    given_others = section["null"] == "conditional"
    end = (
        "given the others, none of them tells anything, so that none can be significant"
        if given_others
        else "what a network takes from one it could take from another"
    )
    return [
        f"{_and(names)} tell each other completely: {end}. Leave out all but one."
        for names in section.get("same_inputs", [])
    ]


def _and(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
