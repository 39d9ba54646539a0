"""Empirical Rademacher complexity, estimated by fitting random signs."""
