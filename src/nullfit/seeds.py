"""All randomness comes from one explicit seed, split by purpose."""

import hashlib

import torch


def derive(seed: int, *purpose: str | int) -> int:
    """An independent seed in [0, 2**63) for one purpose, e.g. ``derive(0, "order", epoch)``.

    The same arguments give the same seed on every machine and in every process; different
    arguments give seeds with no usable relation.
    """
    digest = hashlib.blake2b(repr((int(seed), *purpose)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") >> 1


def generator(seed: int, *purpose: str | int) -> torch.Generator:
    """A CPU generator for one purpose. CUDA generators differ between GPU models."""
    return torch.Generator().manual_seed(derive(seed, *purpose))
