"""The sections of the configuration, as types."""
