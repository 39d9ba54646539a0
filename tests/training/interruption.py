"""A training whose process ends in the middle of an epoch."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from nullfit.training.recorder import Recorder


@contextmanager
def unplugged(monkeypatch: pytest.MonkeyPatch, epoch: int) -> Iterator[None]:
    """Within it a training ends after the first step of an epoch, which counts from 0."""
    look = Recorder.on_train_batch_end

    def pull(self, trainer, pl_module, outputs, batch, batch_idx):
        look(self, trainer, pl_module, outputs, batch, batch_idx)
        if trainer.current_epoch == epoch:
            raise KeyError("plug")

    with monkeypatch.context() as patched:
        patched.setattr(Recorder, "on_train_batch_end", pull)
        with pytest.raises(KeyError, match="plug"):
            yield
