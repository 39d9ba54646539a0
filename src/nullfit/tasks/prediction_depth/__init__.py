"""``task=prediction_depth``: from which layer on neighbours foretell what a network answers."""
