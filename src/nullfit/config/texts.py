"""The kinds of text that settings hold: names of folders, and paths."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from nullfit.system.files import at_home

_NAME_BYTES = 200  # systems allow 255, and files are named by it


def _without_nul(path: str) -> str:
    if "\0" in path:
        raise PydanticCustomError("nul", "it must not have a NUL character in it")
    return path


def _short_enough(name: str) -> str:
    if len(name.encode()) > _NAME_BYTES:
        raise PydanticCustomError("long", f"it must have at most {_NAME_BYTES} bytes")
    return name


# A folder name that cannot leave the folder it is put in.
FolderName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.=+-]*$", max_length=200)
]
# The same for people's own words: letters of any script, blanks and a few marks within it.
StudyName = Annotated[
    str,
    StringConstraints(
        pattern=r"^[\p{L}\p{N}]([\p{L}\p{M}\p{N} _.=+,;%()\[\]-]*[\p{L}\p{M}\p{N}_=+%()\[\]-])?$"
    ),
    AfterValidator(_short_enough),
]
# What the system takes for a path; data.root is kept as it is written, since runs are named by it.
PathText = Annotated[str, AfterValidator(_without_nul)]
HomePath = Annotated[PathText, AfterValidator(at_home)]
