"""Networks that are trained together, epoch by epoch."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nullfit.fused.batches import EpochBatches, Part
from nullfit.fused.dropout import Masks
from nullfit.fused.evaluation import SplitEvaluations
from nullfit.fused.gradients import gradients
from nullfit.fused.member import Member
from nullfit.fused.optimizers import stacked_optimizer
from nullfit.fused.stack import Stack, Tensors
from nullfit.fused.sums import Sums
from nullfit.system.interruption import held


class Group:
    """A stack of networks with what trains them. Between two epochs members may come and go.

    The members' own networks and optimizers hold what the stack held after the last epoch.
    """

    def __init__(self, members: Sequence[Member]) -> None:
        self.members = sorted(members, key=lambda member: member.order)
        networks = [member.network for member in self.members]
        self.stack = Stack.of(networks)
        first = self.members[0].training
        self.masks = Masks(self.stack, first.data.input_shape, first.execution.layout)
        self.optimizer = stacked_optimizer(
            self.stack, [member.training.optimizer for member in self.members]
        )
        for index, member in enumerate(self.members):
            self.optimizer.copy_from(index, member.optimizer, member.network)
        self._course: _Course | None = None
        self._convolves = any(isinstance(m, nn.Conv2d) for m in networks[0].modules())

    def train_epoch(self, after_step: Callable[[], None]) -> None:
        """Train every member for one epoch, measure it where it is time to, and record that.

        ``after_step`` is called between the steps; it may call `save`.
        """
        began = time.perf_counter()
        self._set_learning_rates()
        epoch = _Course(began, self._sums(), [member.epoch for member in self.members])
        batches = EpochBatches(self.members, by_order=self._convolves)
        self._course = epoch
        for parts in batches:
            with held():
                self._step(parts, epoch.sums)
            after_step()
            if epoch.sums.all_ended:
                break
        with held():
            epoch.over = True
            for member in self.members:
                member.end_batches()
        self._scatter()
        totals = epoch.sums.totals()
        evaluations = SplitEvaluations(
            self.stack, [m.batches.data for m in self.members], self.members[0].training.loss
        )
        for index, (member, total) in enumerate(zip(self.members, totals, strict=True)):
            member.end_epoch(total, evaluations.of(index), self._seconds(member))
        self._course = None

    def save(self) -> None:
        """Save where each member stands: between two epochs or within one."""
        self._scatter()
        if self._course is None:
            for member in self.members:
                if member.resumed is None:  # else its checkpoint says so already
                    member.save()
            return
        for index, total in enumerate(self._course.sums.totals()):
            member = self.members[index]
            if member.epoch > self._course.epochs[index]:
                member.save()
            else:
                over = self._course.over or self._course.sums.has_ended(index)
                member.save(member.state_after(total, self._seconds(member), over))

    def _sums(self) -> Sums:
        device = next(iter(self.stack.weights.values())).device
        return Sums([member.resumed for member in self.members], device)

    def _seconds(self, member: Member) -> float:
        """A member's share of the time that the epoch has taken, in earlier processes included."""
        assert self._course is not None
        share = (time.perf_counter() - self._course.began) / len(self.members)
        return share if member.resumed is None else share + member.resumed.seconds

    def _step(self, parts: list[Part], sums: Sums) -> None:
        if any(member.schedule.interval == "step" for member in self.members):
            self._set_learning_rates()
        samples = parts[0].targets.shape[1]
        if self.masks:
            noisy = [bool(member.training.weight_noise) for member in self.members]
            self.masks.draw([member.dropout for member in self.members], samples, noisy)
        found = self._gradients(parts)
        self._tell(parts, found.logits, sums)
        self.optimizer.step(found.gradients)
        sums.add(samples, found.losses, found.correct)
        for member in self.members:
            member.end_step()

    def _tell(self, parts: list[Part], logits: list[Tensor], sums: Sums) -> None:
        """Let probes hear the step, but for those of members that would have stopped before it."""
        for part, of_part in zip(parts, logits, strict=True):
            for place, member in enumerate(self.members[part.first : part.end]):
                if member.steps and not sums.has_ended(part.first + place):
                    member.steps.tell(of_part[place], part.targets[place])

    def _set_learning_rates(self) -> None:
        rates = [member.lr for member in self.members]
        self.optimizer.learning_rates.copy_(torch.tensor(rates, dtype=torch.float64))

    def _gradients(self, parts: list[Part]) -> "_Found":
        stack = self._with_noise()
        found = []
        for part in parts:
            own = stack.between(part.first, part.end) if len(parts) > 1 else stack
            grads, losses, logits = gradients(
                own, part.images, part.targets, self.members[0].training.loss, part.shared
            )
            correct = (logits.argmax(2) == part.targets).sum(1)
            found.append(_Found(grads, losses, correct, [logits]))
        if len(found) == 1:
            return found[0]
        names = self.stack.weights
        return _Found(
            {name: torch.cat([of.gradients[name] for of in found]) for name in names},
            torch.cat([of.losses for of in found]),
            torch.cat([of.correct for of in found]),
            [logits for of in found for logits in of.logits],
        )

    def _with_noise(self) -> Stack:
        """The stack to take gradients at: with noise on the weights where members ask for it."""
        if not any(member.training.weight_noise for member in self.members):
            return self.stack
        noisy = {name: weight.clone() for name, weight in self.stack.weights.items()}
        for index, member in enumerate(self.members):
            std = member.training.weight_noise
            if std:
                for weight in noisy.values():
                    draws = torch.randn(
                        weight.shape[1:], generator=member.noise, dtype=weight.dtype
                    )
                    weight[index] += std * draws.to(weight.device)
        return Stack(self.stack.template, noisy, self.stack.buffers)

    def _scatter(self) -> None:
        for index, member in enumerate(self.members):
            self.stack.copy_to(index, member.network)
            self.optimizer.copy_to(index, member.optimizer, member.network)


@dataclass
class _Course:
    """What is known of the epoch in course; ``epochs`` are those of the members."""

    began: float
    sums: Sums
    epochs: list[int]
    over: bool = False


@dataclass(frozen=True)
class _Found:
    """What a step found; ``logits`` are those of each part."""

    gradients: Tensors
    losses: Tensor
    correct: Tensor
    logits: list[Tensor]
