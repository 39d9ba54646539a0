"""What a figure is made of, for tests."""

from nullfit.charts import page, printed
from nullfit.charts.figure import specification

NAUGHTY = "<b>&\"'</script> datum.x[0]"  # what a user may call a class


def frames_of(panel):
    """The frames of a panel, in the order of its layers; its specification is as Altair's."""
    found = {}
    specification(panel, found)
    panel.chart.to_dict(validate=True)
    return list(found.values())


def entries_of(figure):
    return [entry.label for entry in figure.series]


def draw(figure):
    """The figure in print and on the page, as text."""
    return printed.svg(figure), str(page.html(figure, "a"))
