"""What is said of a set of trainings before it, and of its outcome after."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nullfit.results.formats import percent

if TYPE_CHECKING:
    from nullfit.tasks.memorization.answers import Answers
    from nullfit.tasks.memorization.settings import MemorizationSettings
    from nullfit.tasks.memorization.trainings import Trainings


def beforehand(
    job: str,
    settings: "MemorizationSettings",
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
    return (
        f"{job}: {settings.trainings:,} networks of {trainings.parameters:,} parameters{before}\n"
        f"  on random subsets of {sizes} of {subsets.samples:,} samples, {trainings.group} at "
        f"once, {batches[trainings.batches]}"
    )


def ending(job: str, result: Mapping[str, Any]) -> str:
    """What was memorized, and how well that finds corrupted labels."""
    section, metrics = result["memorization"], result["metrics"]
    lines = [
        f"{job}: accuracy in {percent(metrics['train/accuracy'])}%, held out "
        f"{percent(metrics['held_out/accuracy'])}%, test {percent(metrics['test/accuracy'])}%; "
        f"{section['memorized']:,} samples memorized"
    ]
    areas = {k: v for k, v in section["area_under_curve"].items() if v is not None}
    if areas:
        best = max(areas, key=lambda name: areas[name])
        lines.append(f"  corrupted labels: area under curve {areas[best]:.3f} by {best}")
    if section["unknown"]:
        lines.append(
            f"  {section['unknown']:,} samples were in all trainings of each share or in none, and "
            "their memorization is unknown: more trainings (memorization.trainings) tell it"
        )
    if section["influences_left_out"]:
        lines.append(
            f"  of {section['influences'] + section['influences_left_out']:,} pairs the "
            f"{section['influences']:,} largest are kept; raise memorization.influence"
        )
    if (published := section.get("published")) is not None:
        lines.append(
            f"  published C-scores: rank correlation {published['rank_correlation']:.3f}, mean "
            f"{published['mean']:.4f} (published {published['published_mean']:.4f})"
        )
    return "\n".join(lines)
