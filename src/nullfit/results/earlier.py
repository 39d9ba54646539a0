"""Results on folders of images from earlier versions.

From before their content was part of a run's name, they stay finished where nothing can have
changed since: no image and no folder was written, renamed or removed after the run began, and
today's program reads the same values from the images. Under the name of today they stay finished
unless transparent parts were dropped, as they were before there was ``data.background``.
"""

from functools import cache
from pathlib import Path

from nullfit.config.content import image_files, image_folder_of
from nullfit.config.identity import config_hash, hash_without_content
from nullfit.config.schema import RunConfig
from nullfit.errors import UserError
from nullfit.results.result import Result, read_result
from nullfit.results.study import read_config


def result_without_content(config: RunConfig, folder: Path) -> tuple[Path, Result] | None:
    """The folder and the result of the same run under the name that it had then.

    ``folder`` is the run's own, beside which that one lies.
    """
    plain = config.plain()
    images = image_folder_of(plain["data"])
    if images is None:
        return None
    then = hash_without_content(plain)
    before = folder.with_name(config.job.removesuffix(config_hash(plain)[:8]) + then[:8])
    result = _result_of(before)
    if result is None or result["config_hash"] != then:
        return None
    changed = image_files(images).changed
    if changed is None or changed >= _began(before) or not _read_as_then(images):
        return None
    return before, result


def dropped_transparency(config: RunConfig, folder: Path) -> bool:
    """Whether the run in ``folder`` is from before ``data.background``, on images that need it."""
    images = image_folder_of(config.plain()["data"])
    if images is None:
        return False
    try:
        if "background" in read_config(folder)["data"]:
            return False
    except UserError:  # a damaged one says nothing
        return False
    return _has_transparency(images)


@cache
def _has_transparency(images: str) -> bool:
    from nullfit.data.sources.decode import see_through  # noqa: PLC0415  (Pillow, seldom needed)

    return see_through(image_files(images).files)


def _result_of(folder: Path) -> Result | None:
    try:
        return read_result(folder)
    except UserError:  # a damaged one is no result
        return None


def _began(folder: Path) -> float:
    """As early as one can tell; what was written first may have been written again."""
    return min(path.stat().st_mtime for path in folder.rglob("*") if path.is_file())


@cache
def _read_as_then(images: str) -> bool:
    """Whether the same files were images, and none came out black or without its shape."""
    # Pillow, seldom needed.
    from nullfit.data.sources.bit_depth import below_full  # noqa: PLC0415
    from nullfit.data.sources.class_folders import leaves_out_more  # noqa: PLC0415

    files = image_files(images).files
    return not (leaves_out_more(Path(images)) or below_full(files) or _has_transparency(images))
