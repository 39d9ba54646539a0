"""What is said of a search before it, and of its outcome after."""

from collections.abc import Mapping
from typing import Any

from nullfit.results.formats import percent


def labels_of(classes: int) -> str:
    """What random labels of so many classes are called."""
    return "random signs" if classes == 2 else f"random labels of {classes} classes"


def ending(job: str, result: Mapping[str, Any]) -> str:
    """How many samples are fitted, beside the number of parameters."""
    section, metrics = result["capacity"], result["metrics"]
    least = "at least " if section["censored"] else ""
    told = (
        f"{job}: {least}{section['samples']:,} samples with {labels_of(section['classes'])} are "
        f"fitted in half of {section['draws']} draws"
    )
    if section["failed"] is not None:
        told += f", and not {section['failed']:,}"
    told += (
        f"\n  {metrics['capacity/samples_per_parameter']:.2f} samples, "
        f"{metrics['capacity/bits_per_parameter']:.2f} bits for each of "
        f"{section['parameters']:,} parameters; with this optimizer and length of training: a "
        "lower bound"
    )
    if section["censored"]:
        told += (
            f"\n  note: all {section['samples']:,} samples there are were fitted: take more "
            "(data=gaussian data.samples=…), or a smaller network."
        )
    elif warning := slow_of(section):
        told += f"\n  note: {warning}"
    return told


def slow_of(section: Mapping[str, Any]) -> str | None:
    """That more samples may be fitted by a longer training; None where all others had given up."""
    failed = next((s for s in section["steps"] if s["samples"] == section["failed"]), None)
    if failed is None or failed["epochs"] < failed["most_epochs"]:
        return None
    others = zip(failed["accuracies"], failed["epochs_to_fit"], strict=True)
    best = percent(max(accuracy for accuracy, epochs in others if epochs is None))
    return (
        f"the networks that did not fit {failed['samples']:,} samples were still learning after "
        f"{failed['epochs']:,} epochs (the best named {best}% of the labels): a larger "
        "trainer.max_epochs may find more."
    )
