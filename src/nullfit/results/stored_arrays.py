"""Arrays of a probe that a report shows, as arrays.npz holds them."""

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any, ClassVar, TypeVar

import numpy as np

S = TypeVar("S", bound="StoredArrays")


@dataclass(frozen=True)
class StoredArrays:
    """Fields that are arrays, stored under their names behind ``prefix``.

    One with a default may be None, and is then not stored.
    """

    prefix: ClassVar[str]

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays as arrays.npz holds them."""
        held = asdict(self).items()
        return {self.prefix + name: array for name, array in held if array is not None}

    @classmethod
    def of_arrays(cls: type[S], arrays: Mapping[str, Any]) -> S | None:
        """What `arrays` gave; None where a run has none."""
        needed = [field.name for field in fields(cls) if field.default is MISSING]
        if any(cls.prefix + name not in arrays for name in needed):
            return None
        keys = {field.name: cls.prefix + field.name for field in fields(cls)}
        return cls(**{name: arrays[key] for name, key in keys.items() if key in arrays})
