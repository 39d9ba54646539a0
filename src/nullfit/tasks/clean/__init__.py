"""``task=clean``: the samples whose labels look wrong, worst first."""
