"""What has no place where all networks of a task are trained alike, as a stack."""

from nullfit.config.schema import RunConfig
from nullfit.config.sections.options import LossConfig
from nullfit.errors import UserError


def refuse_unsupported(config: RunConfig) -> None:
    """Refuse what the trainings of such a task cannot do, instead of leaving it out.

    Raises:
        UserError: such a setting is on.
    """
    regularizer = config.regularizer
    unsupported = {
        f"loss={config.loss.name}, or its label_smoothing": config.loss != LossConfig.default(),
        "regularizer=random_crop": regularizer.random_crop is not None,
        "regularizer=augmentation": regularizer.augmentation is not None,
        "regularizer=weight_noise": regularizer.weight_noise is not None,
        "corruption.fresh=true": config.corruption.fresh,
        f"trainer.precision={config.trainer.precision}": config.trainer.precision != "32-true",
        f"trainer.compile={config.trainer.compile}": config.trainer.compile is not None,
        "trainer.stop_at_train_accuracy": config.trainer.stop_at_train_accuracy is not None,
    }
    for setting, chosen in unsupported.items():
        if chosen:
            raise UserError(
                f"{setting} has no place in task={config.task.name}: all its networks are trained "
                "alike, on data that stay as they are. Leave it out."
            )
