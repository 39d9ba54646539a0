"""Groups of two show all that there is to a group, though they are not worth it."""

from collections.abc import Iterator

import pytest

from nullfit.fused import limits


@pytest.fixture(autouse=True, scope="module")
def _two_jobs_are_enough() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_LEAST_JOBS", "_MANY_JOBS"):
            patch.setattr(limits, name, {"cpu": 2, "cuda": 2})
        yield
