"""Weights & Biases: what of a run goes there, the dashboard of a study, and its upload."""
