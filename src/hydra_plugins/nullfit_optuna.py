"""Hydra's sweeper that searches instead of trying everything, with Optuna.

It lives in this package because Hydra takes plugins from nowhere else.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override

from hydra_plugins.nullfit_grids import GridsSweeper

if TYPE_CHECKING:
    from nullfit.launchers.search import Search


class OptunaSweeper(GridsSweeper):
    """``hydra/sweeper=optuna``: asks Optuna for settings, runs them as jobs, tells what came out.

    Jobs are named by their settings as those of a grid are. The search follows from ``seed`` and
    from what was found, so the same command asks for the same jobs again; those that have a result
    are skipped, which is how an interrupted search goes on.
    """

    def __init__(
        self,
        params: Mapping[str, Any] | None,
        trials: int,
        at_once: int,
        metric: str,
        direction: str,
        until: float | None,
        seed: int,
    ) -> None:
        super().__init__(at_once, params, None)
        self.settings: dict[str, Any] = {
            "trials": trials,
            "metric": metric,
            "direction": direction,
            "until": until,
            "seed": seed,
        }
        self.asked: list[list[str]] = []
        self.search: Search

    def split_arguments(  # type: ignore[override]  # Hydra calls it on the instance
        self, overrides: list[Override], max_batch_size: int | None
    ) -> list[list[list[str]]]:
        """There are no batches yet: the search begins."""
        from nullfit.config.search import space_of  # noqa: PLC0415
        from nullfit.launchers.search import Search  # noqa: PLC0415
        from nullfit.runs.command import Command  # noqa: PLC0415

        assert self.hydra_context is not None
        parser = OverridesParser.create(config_loader=self.hydra_context.config_loader)
        space = space_of(parser.parse_overrides, self.params, overrides)
        self.search = Search(space, at_once=max_batch_size or 1, **self.settings)
        Command.current.trials = self.settings["trials"]
        return []

    def is_done(self) -> bool:
        """Tell the search what the last batch came to, and ask whether it goes on."""
        from nullfit.runs.command import Command  # noqa: PLC0415

        assert self.config is not None
        self.search.tell([self._folder(job) for job in self.asked])
        self.asked = []
        over = self.search.over or Command.current.halted
        if over:
            self.search.conclude(Path(self.config.hydra.sweep.dir))
        return over

    def get_job_batch(self) -> Sequence[Sequence[str]]:
        """The next jobs."""
        self.asked = self.search.ask()
        return self.asked

    def _folder(self, job: list[str]) -> Path:
        from nullfit.runs.command import Command  # noqa: PLC0415

        assert self.hydra_context is not None
        assert self.config is not None
        config = self.hydra_context.config_loader.load_sweep_config(self.config, job)
        run = Command.current.validated(job, config)
        return Path(run.outputs, run.study, run.job)
