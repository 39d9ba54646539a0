"""What has no effect on a task that trains nothing."""

from nullfit.config.schema import RunConfig
from nullfit.config.sections.options import LossConfig
from nullfit.errors import UserError


def refuse_meaningless(config: RunConfig) -> None:
    """Refuse what a network is trained with and an exact solution knows nothing of.

    Raises:
        UserError: a regularizer is on, the corruption is drawn anew each epoch, or the precision is
            one that only training has.
    """
    task = config.task.name
    chosen = [name for name, value in config.regularizer if value is not None]
    if chosen:
        penalty = " The penalty of kernels is kernel.ridge." if task == "kernel" else ""
        raise UserError(f"regularizer={chosen[0]} has no effect on task={task}.{penalty}")
    if config.loss != LossConfig.default():
        raise UserError(f"loss={config.loss.name} has no effect on task={task}. Leave it out.")
    if config.corruption.fresh:
        raise UserError(
            f"corruption.fresh=true has no effect on task={task}: there are no epochs to draw the "
            "corruption anew in."
        )
    if config.trainer.precision not in ("32-true", "64-true"):
        raise UserError(
            f"trainer.precision={config.trainer.precision} is not allowed for task={task}: use "
            "32-true or 64-true."
        )
