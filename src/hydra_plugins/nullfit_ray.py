"""Hydra's launcher for a cluster that is managed by Ray.

It lives in this package because Hydra takes plugins from nowhere else.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from nullfit.launchers.base import GridLauncher

if TYPE_CHECKING:
    from nullfit.launchers.job import Job


class RayLauncher(GridLauncher):
    """``hydra/launcher=ray``: each job is a task of Ray."""

    def __init__(self, **settings: Any) -> None:
        super().__init__()
        self.settings = settings

    def carry_out(self, jobs: "Sequence[Job]") -> None:
        """Carry out all jobs that have no result yet."""
        from nullfit.errors import UserError  # noqa: PLC0415
        from nullfit.launchers.ray_tasks import RaySettings, run_on_ray  # noqa: PLC0415
        from nullfit.launchers.sweep import Sweep  # noqa: PLC0415

        if find_spec("ray") is None:
            raise UserError("hydra/launcher=ray needs a package: pip install 'nullfit[ray]'.")
        sweep = Sweep(jobs)
        if sweep.left:
            run_on_ray(sweep.left, self.call_of, RaySettings(**self.settings), sweep.ended)
