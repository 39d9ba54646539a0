"""``task=train``: the randomization test itself, its figures and its section of the report."""
