"""The fields of result.json that nullfit relies on when it reads one."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from nullfit.errors import shown

_Name = Annotated[str, StringConstraints(max_length=500)]


class _Strict(BaseModel):
    """Others fields may be there; those that are named have their type or are left out."""

    model_config = ConfigDict(strict=True)


class _Named(_Strict):
    name: _Name


class _FitFields(_Strict):
    epochs_to_fit: int | None
    steps_to_fit: int | None = None
    threshold: float | None = None


class _CopiesFields(_Strict):
    count: int
    labels_differ: int
    test: _Name
    train: _Name
    listed: list[_Name] = []


class _DataFields(_Strict):
    name: _Name | None = None
    train_samples: int = 0
    input_shape: list[int] = []
    class_names: list[str] = []
    largest_test_class: float | None = None
    test_copies: _CopiesFields | None = None


class _Fields(_Strict):
    """What is relied on in every result."""

    status: _Name
    # It stands in the names of files.
    task: Annotated[str, StringConstraints(pattern=r"^[^/\\\x00-\x1f\x7f]+$", max_length=50)]
    config_hash: _Name
    seed: int = 0
    epochs: int = 0
    wall_seconds: float = 0.0
    revisions: list[str] = []
    versions: dict[str, str] = {}
    command: str | None = None
    device: str | None = None
    threads: int | str = 0
    data: _DataFields = _DataFields()
    corruption: dict[str, Any] = {}
    metrics: Annotated[dict[str, Any], Field(max_length=10_000)] = {}


class _TrainingFields(_Strict):
    """What is relied on in the result of a training."""

    seed: int
    model: _Named
    data: _Named
    corruption: _Named
    metrics: dict[str, float | None]
    fit: _FitFields


def lacking(result: Any) -> str | None:
    """What the content of a result.json lacks; None if it has what is relied on."""
    try:
        _Fields.model_validate(result)
        if result["task"] == "train":
            _TrainingFields.model_validate(result)
    except ValidationError as error:
        problem = error.errors()[0]
        where = shown(".".join(map(str, problem["loc"])) or "all of it")
        if problem["type"] == "missing":
            return f"it has no {where}"
        return f"{where}: {problem['msg'][0].lower()}{problem['msg'][1:]}"
    return None
