"""How the threads of OpenMP wait for each other: briefly, so that others can compute meanwhile.

libgomp, which PyTorch's wheels for Linux bring along, lets a thread that waits turn in a loop for
some milliseconds before it sleeps. Where others compute too, it turns on the core that the thread
it waits for needs, and a step of a small network takes many times as long
(``docs/performance.md``).

The library looks when it is loaded, so this is asked for when nullfit is imported, before torch;
processes that are started from here inherit it. Other OpenMP libraries do not know the variable.
"""

import os

_TURNS = 3_000  # of the loop, some ten nanoseconds each; libgomp's own number is 300,000
_CHOSEN_BY_USERS = ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")


def wait_briefly() -> None:
    """Ask for it, unless whoever started the process has chosen how threads wait."""
    if not any(name in os.environ for name in _CHOSEN_BY_USERS):
        os.environ["GOMP_SPINCOUNT"] = str(_TURNS)
