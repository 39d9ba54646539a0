"""What becomes of an image when it is read."""

from typing import Literal, NamedTuple

# What is seen through the transparent parts of an image; ignore: its colours as they are stored.
Background = Literal["white", "black", "grey", "ignore"]


class Conversion(NamedTuple):
    """How images become bytes of one shape, for `decode_image`.

    ``bits`` are those that images of more than eight use in the whole set (`measured_depth`).
    """

    image_size: int | None
    channels: int
    background: Background = "white"
    bits: int = 16
