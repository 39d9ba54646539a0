"""Probes: what looks on while a network trains, and says at the end what it saw."""
