"""The command line: compose, validate, hand over to a task."""

import os
import sys
import traceback
from pathlib import Path
from typing import Any

import hydra
from omegaconf import DictConfig

from nullfit.config.compose import CONFIG_NAME, composer, compose_grid, config_folder
from nullfit.config.identity import register_resolvers
from nullfit.errors import UserError

BAD_INPUT = 2
FAILED = 1

register_resolvers()


class _Grid:
    """What is known of the grid that runs in this process."""

    jobs = 0
    done = 0
    failures: list[str] = []  # noqa: RUF012


def main() -> None:
    """Run the command line in ``sys.argv``; exit with 2 for bad input, 1 for a failed run."""
    wants_traceback = os.environ.get("HYDRA_FULL_ERROR") == "1"
    # Hydra then lets errors through to us instead of printing them its own way.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        _plan()
        _hydra_main()
    except UserError as error:
        if wants_traceback:
            raise
        _complain(str(error))
        sys.exit(FAILED if _Grid.jobs > 1 and _Grid.done else BAD_INPUT)
    except KeyboardInterrupt:
        _complain("interrupted; the same command goes on from the last checkpoint.")
        sys.exit(130)
    except Exception as error:
        traceback.print_exc()
        _complain(f"failed: {type(error).__name__}: {error}")
        sys.exit(FAILED)


def _complain(text: str) -> None:
    print(f"nullfit: {text}", file=sys.stderr)


def _plan() -> None:
    """Refuse bad input before anything is written, a whole grid before its first job."""
    from hydra._internal.utils import get_args_parser

    arguments = get_args_parser().parse_args()
    shows_only = arguments.help or arguments.hydra_help or arguments.cfg or arguments.info
    if shows_only or arguments.shell_completion:
        return
    with composer(arguments.config_dir):
        multirun, configs = compose_grid(arguments.overrides, multirun=arguments.multirun)
        from nullfit.config.validation import validate

        for config in configs:
            validate(config)
    _Grid.jobs = len(configs) if multirun else 0


@hydra.main(version_base="1.3", config_path=str(config_folder()), config_name=CONFIG_NAME)
def _hydra_main(config: DictConfig) -> Any:
    return run_job(config)


def run_job(config: DictConfig) -> Any:
    """Carry out one composed configuration and return its result."""
    from nullfit.config.validation import target_of, validate
    from nullfit.console import say

    run = validate(config)
    folder = Path(run.outputs) / run.study / run.job
    if _Grid.jobs:
        say(f"[{_Grid.done + 1}/{_Grid.jobs}] {run.job}")
    try:
        return target_of(run, "task")(run, folder, **run.task_settings)
    except UserError as error:
        _remove_if_empty(folder)
        _Grid.failures.append(f"{run.job}: {error}")
        raise
    except Exception as error:
        _Grid.failures.append(f"{run.job}: {type(error).__name__}: {error}")
        raise
    finally:
        _Grid.done += 1


def _remove_if_empty(folder: Path) -> None:
    for path in (folder, folder.parent):
        try:
            path.rmdir()
        except OSError:
            return
