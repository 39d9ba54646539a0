"""The usual public recipe of training on small images, to be held against."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torch.utils.data import DataLoader, Dataset, Sampler

from nullfit.system.ecosystem import torchvision

Samples = Dataset[tuple[Tensor, int]]
_WORKERS = 1


class ArrayImages(Dataset[tuple[Tensor, int]]):
    """Images of bytes (n, h, w, c), transformed one by one, as torchvision's CIFAR10 does it."""

    def __init__(self, images: np.ndarray, labels: list[int], transform: Callable[..., Any]):
        self.images = images
        self.labels = labels
        self.transform = transform

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.transform(Image.fromarray(self.images[index])), self.labels[index]


class Order(Sampler[int]):
    """``orders(epoch)``, from epoch 0 on: takes as long as an order of its own."""

    def __init__(self, orders: Callable[[int], Tensor]) -> None:
        self.orders = orders
        self.epoch = -1

    def __iter__(self) -> Iterator[int]:
        self.epoch += 1
        return iter(self.orders(self.epoch).tolist())


def normalized(mean: list[float], std: list[float]) -> Callable[..., Any]:
    """The transforms of an image."""
    transforms = torchvision.transforms
    pipeline: Callable[..., Any] = transforms.Compose(
        [transforms.ToTensor(), transforms.Normalize(mean, std)]
    )
    return pipeline


def train_by_recipe(
    network: nn.Module,
    optimizer: Optimizer,
    schedule: LRScheduler,
    train: Samples,
    test: Samples,
    orders: Callable[[int], Tensor],
    epochs: int,
    batch: int,
) -> tuple[float, float]:
    """Train, and return the last accuracies on both sets."""
    batches = DataLoader(train, batch, sampler=Order(orders), num_workers=_WORKERS)
    accuracies = (0.0, 0.0)
    for _ in range(epochs):
        network.train()
        loss_sum = correct = 0.0
        for images, labels in batches:
            optimizer.zero_grad()
            logits = network(images)
            loss = functional.cross_entropy(logits, labels)
            loss.backward()
            optimizer.step()
            loss_sum += loss.item()
            correct += (logits.argmax(1) == labels).float().mean().item()
        schedule.step()
        accuracies = accuracy(network, train, batch), accuracy(network, test, batch)
    return accuracies


@torch.no_grad()
def accuracy(network: nn.Module, samples: Samples, batch: int) -> float:
    """The share of samples whose class is told."""
    network.eval()
    correct = total = 0
    for images, labels in DataLoader(samples, batch, num_workers=_WORKERS):
        correct += (network(images).argmax(1) == labels).sum().item()
        total += len(labels)
    return correct / total
