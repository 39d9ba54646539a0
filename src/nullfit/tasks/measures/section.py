"""What the report says of ``task=measures``."""

from nullfit.report.section import Material, Section


def sections(of: Material) -> list[Section]:
    """Nothing yet."""
    return []
