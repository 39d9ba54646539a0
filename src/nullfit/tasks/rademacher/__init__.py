"""``task=rademacher``: empirical Rademacher complexity, estimated by fitting random signs."""
