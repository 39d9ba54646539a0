"""Composition, validation and identity of a run's configuration."""
