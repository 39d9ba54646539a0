"""Hydra's sweeper for grids that are unions of products.

It lives in this package because Hydra takes plugins from nowhere else.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf

from nullfit.config.grids import grid_jobs


class GridsSweeper(BasicSweeper):
    """``hydra/sweeper=grids``: Hydra's own sweeper, with several products in ``grids``.

    ``params`` is as in Hydra's own sweeper and joins every product; `grid_jobs` says how.
    """

    def __init__(
        self,
        max_batch_size: int | None,
        params: Mapping[str, Any] | None,
        grids: Sequence[Mapping[str, Any]] | None,
    ) -> None:
        super().__init__(max_batch_size, dict(params or {}))
        self.grids = grids

    def setup(
        self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig
    ) -> None:
        """Check once more what Hydra composed: it is this that is carried out."""
        from nullfit.config.hydra_settings import check_hydra  # noqa: PLC0415

        check_hydra(config)
        super().setup(hydra_context=hydra_context, task_function=task_function, config=config)

    def sweep(self, arguments: list[str]) -> Any:
        """Carry out the grid; on a full disk nothing of it is begun."""
        from nullfit.errors import StorageError  # noqa: PLC0415
        from nullfit.results.failure import remove_study_if_empty  # noqa: PLC0415
        from nullfit.system.files import write_text  # noqa: PLC0415

        assert self.config is not None
        folder = Path(self.config.hydra.sweep.dir)
        # Hydra writes the same file next; where there is no room, it would leave an empty one.
        try:
            write_text(folder / "multirun.yaml", OmegaConf.to_yaml(self.config))
        except StorageError:
            remove_study_if_empty(folder)
            raise
        return super().sweep(arguments)

    def _parse_config(self) -> list[str]:
        return []  # `split_arguments` joins the parameters

    def split_arguments(  # type: ignore[override]  # Hydra calls it on the instance
        self, overrides: list[Override], max_batch_size: int | None
    ) -> list[list[list[str]]]:
        """The jobs, in batches that are launched one after the other."""
        assert self.hydra_context is not None
        parser = OverridesParser.create(config_loader=self.hydra_context.config_loader)
        jobs = grid_jobs(parser.parse_overrides, self.params, self.grids, overrides)
        return list(self.split_overrides_to_chunks(jobs, max_batch_size))

    def validate_batch_is_legal(self, batch: Sequence[Sequence[str]]) -> None:
        """Compose every job to see that it can be, unless the command line has done that."""
        from nullfit.runs.command import Command  # noqa: PLC0415

        planned = Command.current.planned

        unseen = [list(job) for job in batch if planned(job) is None]
        if unseen:
            super().validate_batch_is_legal(unseen)
