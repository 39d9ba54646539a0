"""What a command line asks for, refused before anything is written where it is bad."""

import sys
from argparse import Namespace
from pathlib import Path

from nullfit.config.composer import composer
from nullfit.config.local import told_local
from nullfit.config.plan import compose_grid
from nullfit.console.messages import warn
from nullfit.errors import in_python
from nullfit.runs.command import Command
from nullfit.runs.inserted_words import put_probes_apart, put_values_of_grids, with_recalled
from nullfit.system.garbage import spare_what_is_loaded


def plan_command(arguments: Namespace) -> None:
    """Refuse bad input before anything is written, a whole grid before its first job."""
    shows_only = arguments.hydra_help or arguments.cfg or arguments.info
    if arguments.cfg:
        with composer(arguments.config_dir, arguments.overrides):
            put_probes_apart(arguments.overrides)  # what is shown is what would be run
    if shows_only or arguments.shell_completion:
        return
    from nullfit.console.progress import announce

    if told := told_local():
        warn(told)
    announce("reading the settings …", passing=True)  # seconds, on a busy machine
    typed = sys.argv[1:]  # before words are put into it
    overrides = with_recalled(arguments.overrides)
    with composer(arguments.config_dir, arguments.overrides):
        overrides = put_values_of_grids(put_probes_apart(overrides))
        plan = compose_grid(overrides, multirun=arguments.multirun, typed=typed)
        from nullfit.config.hydra_settings import check_hydra
        from nullfit.config.launchers import runs_elsewhere
        from nullfit.config.trust import refuse_foreign_places, refuse_unasked_trust
        from nullfit.config.validation import refuse_absent_data, validate
        from nullfit.results.folders import refuse_other_places

        runs = {}
        check_hydra(plan.base)  # from which Hydra makes launcher and sweeper
        refuse_foreign_places(plan.base, plan.typed)
        for job, config in plan.jobs.items():
            refuse_unasked_trust(config, overrides)
            check_hydra(config)
            if plan.multirun:
                refuse_foreign_places(config, plan.typed, job)
            run = runs[job] = validate(config)
            refuse_absent_data(run, overrides)
            refuse_other_places(Path(run.outputs), run.study, run.job)
        if plan.multirun:
            from nullfit.runs.preflight.grid import check_grid

            check_grid(runs, elsewhere=runs_elsewhere(plan.configs[0]))
    if not in_python():  # whose process is not ours
        spare_what_is_loaded()
    Command.current = Command(plan, runs)
