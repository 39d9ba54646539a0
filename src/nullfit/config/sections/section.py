"""What a section of the configuration is."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from nullfit.config.texts import FolderName


class Section(BaseModel):
    """Part of the configuration: no unknown keys, no conversions, no NaN, not changeable."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class WithSettings(BaseModel):
    """A section with settings of a chosen option beside those that all options have."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True, allow_inf_nan=False)

    @property
    def settings(self) -> dict[str, Any]:
        """The option's own settings, by the names of its keyword-only parameters."""
        return dict(self.model_extra or {})


class Component(WithSettings):
    """A chosen option: the function or class at ``target``, and what it is to be called with."""

    name: FolderName
    target: Annotated[str, Field(alias="_target_")]
