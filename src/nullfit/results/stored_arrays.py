"""Arrays of a probe that a report shows, as arrays.npz holds them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, TypeVar

import numpy as np

S = TypeVar("S", bound="StoredArrays")


@dataclass(frozen=True)
class StoredArrays:
    """Fields that are arrays, stored under their names behind ``prefix``."""

    prefix: ClassVar[str]

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays as arrays.npz holds them."""
        return {self.prefix + name: array for name, array in asdict(self).items()}

    @classmethod
    def of_arrays(cls: type[S], arrays: Mapping[str, Any]) -> S | None:
        """What `arrays` gave; None where a run has none."""
        names = {field.name: cls.prefix + field.name for field in fields(cls)}
        if any(key not in arrays for key in names.values()):
            return None
        return cls(**{name: arrays[key] for name, key in names.items()})
