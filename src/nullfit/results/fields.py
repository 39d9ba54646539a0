"""The fields of result.json that nullfit relies on when it reads one."""

from typing import Annotated, Any

from pydantic import BaseModel, StringConstraints, ValidationError


class _Named(BaseModel):
    name: str


class _FitFields(BaseModel):
    epochs_to_fit: int | None


class _Fields(BaseModel):
    """What is relied on in every result."""

    status: str
    task: Annotated[str, StringConstraints(pattern=r"^[^/\\\x00]+$")]
    config_hash: str


class _TrainingFields(BaseModel):
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
        where = ".".join(map(str, problem["loc"])) or "all of it"
        if problem["type"] == "missing":
            return f"it has no {where}"
        return f"{where}: {problem['msg'][0].lower()}{problem['msg'][1:]}"
    return None
