"""What people should know of a set of images once they are bytes: what was lost, or never there."""

from collections.abc import Sequence

import torch
from jaxtyping import UInt8
from torch import Tensor

from nullfit.console.messages import one_line
from nullfit.data.crop import center_crop
from nullfit.data.image_set import ImageSet
from nullfit.data.sources.conversion import Background

# Of 255: so little contrast that nobody sees anything, in an image or in all of them.
_FLAT, _DIM = 4, 16
_ALIKE = 0.1  # share of different images from which on nothing is said
_AT_ONCE = 1024
_LOOKED_AT = 100  # of what a crop leaves
# Formats of images that Pillow does not read, or not everywhere.
_UNREAD = {
    *(".heic", ".heif", ".avif", ".jxl", ".svg", ".psd", ".raw"),
    *(".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf", ".dcm", ".nii", ".npy"),
}


def see_through_note(see_through: Sequence[str], files: int, background: Background) -> list[str]:
    """Says that images have transparent parts, if there are any, and what is seen there."""
    if not see_through:
        return []
    return [
        f"{len(see_through)} of {files} images have transparent parts, e.g. "
        f"{one_line(see_through[0])}: {background} is seen there "
        "(data.background=white, black, grey or ignore)"
    ]


def content_notes(images: UInt8[Tensor, "n c h w"], paths: Sequence[str]) -> list[str]:
    """What is odd about images as the network gets them: flat, dim or alike ones, with a count."""
    least, most = _extremes(images)
    flat = (most - least < _FLAT).all(1)
    notes = []
    if count := int(flat.sum()):
        index = int(flat.nonzero()[0])
        notes.append(
            f"{count} of {len(images)} images come out of one colour all over, e.g. "
            f"{one_line(paths[index])} ({_colour(most[index].tolist())}): nothing is to be seen in "
            "them"
        )
    lowest, highest = int(least.min()), int(most.max())
    if highest - lowest < _DIM and not bool(flat.all()):
        notes.append(
            f"all {len(images)} images together use the values {lowest} to {highest} of 0 to 255, "
            f"e.g. {one_line(paths[0])}: scale them up if they are no masks"
        )
    return notes + _alike_note(images, (~flat).nonzero().flatten().tolist(), paths)


def crop_notes(images: ImageSet, crop: int | None, paths: Sequence[str]) -> list[str]:
    """Says how many of some images have nothing in the centre that a crop leaves, but around it.

    ``paths`` are their files, and may have others between them.
    """
    if crop is None or crop >= min(images.shape[1:]):
        return []
    places = torch.arange(0, len(images), max(1, len(images) // _LOOKED_AT))
    some = images.subset(places)
    (least, most), (all_least, all_most) = map(
        _extremes, (center_crop(some.tensor, crop), some.tensor)
    )
    lost = ((most - least < _FLAT) & (all_most - all_least >= _FLAT)).all(1)
    if not (count := int(lost.sum())):
        return []
    first = int(places[lost][0])
    example = paths[first] if len(paths) == len(images) else f"{images.source}, image {first}"
    return [
        f"{count} of {len(some)} images that were looked at are of one colour in the centre that "
        f"data.crop={crop} leaves, e.g. {one_line(example)}: data.crop=null keeps all of it, "
        "data.image_size makes it smaller"
    ]


def _extremes(images: Tensor) -> tuple[Tensor, Tensor]:
    """The least and the largest value of each channel of each image."""
    parts = images.flatten(2).split(_AT_ONCE)
    return torch.cat([p.amin(2) for p in parts]), torch.cat([p.amax(2) for p in parts])


def _alike_note(images: Tensor, chosen: Sequence[int], paths: Sequence[str]) -> list[str]:
    """Says it where few of the chosen images are different."""
    first, twins = dict[int, int](), list[tuple[int, int]]()
    for index in chosen:
        content = hash(images[index].numpy().tobytes())
        if first.setdefault(content, index) != index:
            twins.append((first[content], index))
    if not twins or len(first) > max(1, _ALIKE * len(chosen)):
        return []
    one, other = (one_line(paths[index]) for index in twins[0])
    return [f"{len(chosen)} images are copies of {len(first)}, e.g. {one} and {other} are alike"]


def _colour(channels: Sequence[int]) -> str:
    if max(channels) < _FLAT:
        return "black"
    return "white" if min(channels) == 255 else f"values {', '.join(map(str, channels))}"


def ignored_notes(ignored: Sequence[str]) -> list[str]:
    """Tells files that are left out since they are no images from images that cannot be read."""
    images = [path for path in ignored if _suffix(path) in _UNREAD]
    others = [path for path in ignored if _suffix(path) not in _UNREAD]
    notes = []
    if images:
        kinds = ", ".join(sorted({_suffix(path) for path in images}))
        notes.append(
            f"Ignored {len(images)} file(s) in a format that Pillow does not read here ({kinds}), "
            f"e.g. {one_line(images[0])}: convert them to PNG or JPEG if they are to count"
        )
    if others:
        notes.append(
            f"Ignored {len(others)} file(s) that are no images, e.g. {one_line(others[0])}"
        )
    return notes


def _suffix(path: str) -> str:
    return "." + path.rpartition(".")[2].lower()
