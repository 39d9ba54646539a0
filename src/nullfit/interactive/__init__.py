"""nullfit from Python: ``nullfit.run``, ``nullfit.sweep``, ``nullfit.study``, as for notebooks.

They take the words of the command line, and do what it does: the same settings, checks, folders and
results. What is finished is not run again.
"""

from nullfit.interactive.calls import run, sweep
from nullfit.interactive.run_view import RunView
from nullfit.interactive.study_view import ShownFigure, StudyView, study

__all__ = ["RunView", "ShownFigure", "StudyView", "run", "study", "sweep"]
