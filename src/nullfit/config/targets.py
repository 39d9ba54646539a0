"""Where nullfit's own options lie, and that this is no part of what a run is.

Modules move; the name of an option stays. So the identity of a run holds the name that 0.1.0 gave
an option's target, whatever folder its code lies in, and runs of earlier versions stay finished.
"""

# The package of each group's options.
HOMES = {
    "task": "nullfit.tasks",
    "data": "nullfit.data",
    "model": "nullfit.models",
    "corruption": "nullfit.corruptions",
    "loss": "nullfit.losses",
    "optimizer": "nullfit.optimizers",
    "schedule": "nullfit.schedules",
    "probe": "nullfit.probes",
}

# Options of data that read files of the user's.
OWN_DATA = frozenset({"image_folder", "table", "ratings"})
# Those that 0.1.0 did not name ``home.option``, as tasks were ``home.option.option``.
_FORMER = {"nullfit.data.table": "nullfit.data.table.table"}


def without_place(group: str, target: str) -> str | None:
    """A target as it counts in the identity of a run; a user's own as it is.

    None where the name of the option alone counts.
    """
    home = HOMES.get(group)
    if home is None or not target.startswith(home + "."):
        return target
    option = target.rpartition(".")[2]
    if group == "probe":  # had no target in 0.1.0
        return None
    if group == "task":
        return f"{home}.{option}.{option}"
    return _FORMER.get(f"{home}.{option}", f"{home}.{option}")
