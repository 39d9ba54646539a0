"""Which library decodes image files fastest, and whether the bytes are Pillow's.

    pip install opencv-python-headless simplejpeg imageio pyvips-binary pyvips
    python benchmarks/decode.py [--repeats 5]

Processor time for an image, from file to array (height, width, 3), as the median over rounds in
which all libraries take turns; what is not installed is left out. The images are smooth colours
with noise, as JPEG of quality 90 and as PNG. ``pillow, draft`` is what
`nullfit.data.sources.decode` does to images that are resized to 299 pixels: a JPEG is decoded at a
fraction of its size.

It takes no part in ``make bench``, since it needs packages that nullfit does not.
"""

import argparse
import importlib
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

Pixels = np.ndarray[Any, np.dtype[np.uint8]]
Decode = Callable[[str], Pixels]
SETS = {  # height, width, ending, images
    "32×32 PNG": (32, 32, "png", 100),
    "32×32 JPEG": (32, 32, "jpg", 100),
    "375×500 PNG": (375, 500, "png", 10),
    "375×500 JPEG": (375, 500, "jpg", 20),
    "1200×1600 JPEG": (1200, 1600, "jpg", 5),
}
SIZE = 299


def pillow(path: str) -> Pixels:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def pillow_draft(path: str) -> Pixels:
    with Image.open(path) as image:
        image.draft(None, (2 * SIZE, 2 * SIZE))
        return np.asarray(image.convert("RGB"))


def opencv() -> Decode:
    cv2 = importlib.import_module("cv2")
    cv2.setNumThreads(1)
    return lambda path: cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2RGB)


def simplejpeg() -> Decode:
    decode = importlib.import_module("simplejpeg").decode_jpeg
    return lambda path: decode(Path(path).read_bytes())


def imageio() -> Decode:
    return importlib.import_module("imageio.v3").imread


def pyvips() -> Decode:
    image = importlib.import_module("pyvips").Image
    return lambda path: image.new_from_file(path, access="sequential").numpy()


def torchvision_io() -> Decode:
    importlib.import_module("torch")
    io = importlib.import_module("torchvision.io")
    return lambda path: io.decode_image(path).permute(1, 2, 0).numpy()


OTHERS = {
    "opencv": opencv,
    "simplejpeg": simplejpeg,
    "imageio": imageio,
    "pyvips": pyvips,
    "torchvision.io": torchvision_io,
}


def libraries(example: str) -> dict[str, Decode]:
    """Those that are installed and decode at all."""
    found: dict[str, Decode] = {"pillow": pillow, "pillow, draft": pillow_draft}
    for name, load in OTHERS.items():
        try:
            found[name] = load()
            found[name](example)
        except (ImportError, RuntimeError, OSError) as error:
            found.pop(name, None)
            print(f"{name} is left out: {str(error).splitlines()[0]}")
    return found


def generate(folder: Path, height: int, width: int, ending: str, images: int) -> list[str]:
    """Files of smooth colours with noise."""
    draws = np.random.default_rng(0)
    paths = []
    for index in range(images):
        small = Image.fromarray(draws.integers(0, 256, (8, 8, 3), dtype=np.uint8))
        smooth = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))
        noisy = smooth + draws.normal(0, 8, smooth.shape)
        path = folder / f"{height}-{index}.{ending}"
        options = {"quality": 90} if ending == "jpg" else {}
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(path, **options)
        paths.append(str(path))
    return paths


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    with tempfile.TemporaryDirectory() as folder:
        sets = {name: generate(Path(folder), *values) for name, values in SETS.items()}
        chosen = libraries(sets["32×32 JPEG"][0])
        for name, paths in sets.items():
            ways = {
                key: way for key, way in chosen.items() if "PNG" not in name or "jpeg" not in key
            }
            print(f"{name}: " + "; ".join(measured(ways, paths, repeats)))


def measured(ways: dict[str, Decode], paths: list[str], repeats: int) -> list[str]:
    """One set, all libraries in turns."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            began = time.process_time()
            for path in paths:
                way(path)
            seconds[name].append((time.process_time() - began) / len(paths))
    told = []
    for name, way in ways.items():
        same = all(np.array_equal(way(path), pillow(path)) for path in paths)
        bytes_told = "" if name == "pillow" else ", same bytes" if same else ", other bytes"
        told.append(f"{name} {1000 * statistics.median(seconds[name]):.3f} ms{bytes_told}")
    return told


if __name__ == "__main__":
    main()
