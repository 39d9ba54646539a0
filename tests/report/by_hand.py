"""Runs as sections get them, without a command that was composed."""

from unittest.mock import Mock

from nullfit.config.schema import RunConfig
from nullfit.report.section import Material


def material(runs):
    return Material(runs, Mock(spec=RunConfig))
