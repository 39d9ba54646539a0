"""Refuse a setting that is out of range when a corruption is called from Python.

The command line checks the same ranges earlier, from the annotations in `nullfit.ranges`.
"""

from nullfit.errors import UserError


def check_unit_interval(key: str, value: float) -> None:
    """Raise UserError unless 0 ≤ ``value`` ≤ 1."""
    if not 0 <= value <= 1:
        raise UserError(f"corruption.{key}={value} is out of range; allowed: 0 to 1.")


def check_not_negative(key: str, value: float) -> None:
    """Raise UserError unless 0 ≤ ``value`` < ∞."""
    if not 0 <= value < float("inf"):
        raise UserError(f"corruption.{key}={value} is out of range; allowed: 0 or more.")
