"""What is said of a set of trainings before it, and of its outcome after."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nullfit.results.formats import percent
from nullfit.tasks.memorization.settings import MEMORIZED

if TYPE_CHECKING:
    from nullfit.data.randomized_data import RandomizedData
    from nullfit.tasks.memorization.answers import Answers
    from nullfit.tasks.memorization.settings import MemorizationSettings
    from nullfit.tasks.memorization.trainings import Trainings

FITTED = 0.9  # of the labels trained on, from which memorization is about the samples


def beforehand(
    job: str,
    settings: "MemorizationSettings",
    data: "RandomizedData",
    trainings: "Trainings",
    kept: "Sequence[Answers]",
) -> str:
    """How many networks are trained on what, and how many are there already."""
    subsets, done = trainings.subsets, sum(map(len, kept))
    sizes = ", ".join(f"{subsets.size(share):,}" for share in subsets.shares)
    before = f", {done:,} of which are there already" if done else ""
    batches = {
        "own": "each with batches of its own subset",
        "shared": "all with the same batches, of which each leaves out what is not its own",
    }
    epochs = {trainings.epochs_of(subsets.size(share)) for share in subsets.shares}
    longest = f"{max(epochs):,} epochs" if len(epochs) == 1 else f"up to {max(epochs):,} epochs"
    left_out = f" ({data.left_out:,} left out)" if data.left_out else ""
    account = "" if data.account is None else f"{data.account}\n"
    return (
        f"{account}{job}: {settings.trainings:,} networks of {trainings.parameters:,} parameters"
        f"{before}\n"
        f"  trained for {longest} on random subsets of {sizes} of {subsets.samples:,} samples"
        f"{left_out}, "
        f"{min(trainings.group, settings.trainings)} at once, {batches[trainings.batches]}"
    )


def ending(job: str, result: Mapping[str, Any]) -> str:
    """What was memorized, how well that finds corrupted labels, and where it misleads."""
    section, metrics = result["memorization"], result["metrics"]
    lines = [
        f"{job}: networks name {percent(metrics['train/accuracy'])}% of the labels they were "
        f"trained on, {percent(metrics['held_out/accuracy'])}% of those they were not, "
        f"{percent(metrics['test/accuracy'])}% of the test set; {section['memorized']:,} samples "
        "memorized"
    ]
    areas = {k: v for k, v in section["area_under_curve"].items() if v is not None}
    if areas:
        told = ", ".join(f"{name} {area:.3f}" for name, area in areas.items())
        lines.append(f"  corrupted labels, area under curve: {told}")
    if (published := section.get("published")) is not None:
        correlation = published["rank_correlation"]
        lines.append(
            f"  published C-scores: rank correlation "
            f"{'unknown' if correlation is None else f'{correlation:.3f}'}, mean "
            f"{published['mean']:.4f} (published {published['published_mean']:.4f})"
        )
    return "\n".join([*lines, *(f"  note: {warning}" for warning in warnings_of(result))])


def warnings_of(result: Mapping[str, Any]) -> list[str]:
    """Where the scores of a set mislead."""
    section, found = result["memorization"], []
    if result["metrics"]["train/accuracy"] < FITTED:
        reached = percent(result["metrics"]["train/accuracy"])
        found.append(
            f"networks that name {reached}% of the labels they were trained on memorized little: "
            "memorization tells what was fitted. A larger trainer.max_epochs or network fits more; "
            "held_out_probability and c_score do not wait for that; they need labels that other "
            "samples foretell."
        )
    error = section["typical_error"]
    if error is not None and error > MEMORIZED / 2:
        found.append(
            f"the standard error of memorization is {error:.2f} (median), and counts from "
            f"{MEMORIZED} are chance: more trainings (memorization.trainings) make it smaller."
        )
    if section["unknown"]:
        found.append(
            f"{section['unknown']:,} samples were in all trainings of each share or in none, and "
            "their memorization is unknown: more trainings (memorization.trainings) tell it."
        )
    if section["influences_left_out"]:
        found.append(
            f"of {section['influences'] + section['influences_left_out']:,} pairs the "
            f"{section['influences']:,} largest are kept; raise memorization.influence."
        )
    return found
