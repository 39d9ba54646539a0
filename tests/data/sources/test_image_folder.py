import logging
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from nullfit.data import Dataset, image_folder
from nullfit.data.sources import decode, file_threads
from nullfit.data.sources.conversion import Conversion
from nullfit.errors import UserError, override


def save(path: Path, pixels: np.ndarray, **options: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)


def picture(value: int, height: int = 6, width: int = 6) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two classes, two training images and one test image each."""
    for value, (split, label, file) in enumerate(
        (split, label, file)
        for split, files in (("train", ("10.png", "9.png")), ("test", ("1.png",)))
        for label in ("cat", "ant")
        for file in files
    ):
        save(tmp_path / "data" / split / label / file, picture(10 * value))
    return tmp_path / "data"


def read(
    root: Path, image_size: int | None = None, channels: int = 3, **options: object
) -> Dataset:
    settings = {"streaming": False, **options}
    return image_folder(
        root=str(root),
        image_size=image_size,
        channels=channels,
        cache=str(root.parent / "cache"),
        workers=0,
        **settings,
    )


def one(root: Path, image_size: int | None = None, channels: int = 3) -> torch.Tensor:
    """The training image of class ant, file 0 (added by the test)."""
    return read(root, image_size, channels).train.images[0]


@pytest.mark.parametrize("streaming", [True, False])
def test_training_images_have_the_names_of_their_files(root: Path, streaming: bool) -> None:
    names = [f"train/{file}".encode() for file in ("ant/10.png", "ant/9.png")]
    for _ in range(2):  # the second time from the cache
        data = read(root, streaming=streaming)
        assert data.train.files is not None
        assert data.train.files.tolist()[:2] == names
    kept = data.train.selection(torch.tensor([3, 1]))
    assert kept.files is data.train.files  # by place, as the labels of the source
    assert kept.source_labels is data.train.labels
    for alone in (kept.subset([1]), data.train.subset([1])):
        assert alone.files.tolist() == names[1:]
        assert alone.source_labels is None
    (root / "train" / "ant" / "notes.txt").write_text("no image")
    left = read(root, streaming=streaming).train.files
    assert left is None or left.tolist()[:2] == names


def test_classes_and_files_come_in_the_order_of_their_names(root: Path) -> None:
    save(root / "train" / "cat" / "sub" / "1.png", picture(99))
    data = read(root)
    assert data.train.classes == ("ant", "cat")
    assert data.train.labels.tolist() == [0, 0, 1, 1, 1]
    assert data.train.images[:, 0, 0, 0].tolist() == [20, 30, 0, 10, 99]
    assert data.test.images[:, 0, 0, 0].tolist() == [50, 40]
    assert data.train.images.shape == (5, 3, 6, 6)


def test_what_is_no_image_is_ignored(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    for file in (".DS_Store", "Thumbs.db", ".hidden.png", "desktop.ini"):
        (root / "train" / "ant" / file).write_bytes(b"?")
    (root / "train" / ".ipynb_checkpoints").mkdir()
    (root / "train" / "README.md").write_text("at the level of the classes")
    assert len(read(root).train) == 4
    assert "Ignored" not in caplog.text
    expected = read(root).train
    (root / "train" / "ant" / "5 notes.txt").write_text("not an image")
    with caplog.at_level(logging.WARNING):
        data = read(root).train
    assert torch.equal(data.images, expected.images)
    assert torch.equal(data.labels, expected.labels)
    assert "Ignored 1 file" in caplog.text
    assert "5 notes.txt" in caplog.text


LEFT_BEHIND = ("@eaDir", "$RECYCLE.BIN", "System Volume Information", "lost+found", "__MACOSX")


@pytest.mark.parametrize("name", [*LEFT_BEHIND, "#recycle", "@Recycle", ".Trash-1000", "LOST.DIR"])
def test_what_other_systems_leave_behind_is_ignored_at_every_depth(root: Path, name: str) -> None:
    expected = read(root).train
    for below in ("train", "train/ant", "train/ant/sub/deeper", "test/cat"):
        save(root / below / name / "thumbnail.png" / "SYNOPHOTO_THUMB_M.jpg", picture(1, 2, 2))
    data = read(root)
    assert data.train.classes == ("ant", "cat")
    assert torch.equal(data.train.images, expected.images)
    assert len(data.test) == 2


def test_names_of_classes_are_compared_in_nfc(root: Path) -> None:
    composed, decomposed = "b\u00e4r", "ba\u0308r"
    save(root / "train" / decomposed / "1.png", picture(50))
    save(root / "train" / composed / "2.png", picture(60))
    save(root / "test" / composed / "1.png", picture(70))
    data = read(root)
    assert data.train.classes == data.test.classes == ("ant", composed, "cat")
    assert sorted(data.train.images[data.train.labels == 1, 0, 0, 0].tolist()) == [50, 60]


def test_an_image_needs_no_suffix(root: Path) -> None:
    save(root / "train" / "ant" / "0", picture(77), format="PNG")
    assert (one(root) == 77).all()


@pytest.mark.parametrize("suffix", ["bmp", "gif", "jpg", "png", "tiff", "webp", "ppm"])
def test_any_format_is_read(root: Path, suffix: str) -> None:
    save(root / "train" / "ant" / f"0.{suffix}", picture(128))
    assert (one(root).int() - 128).abs().max() <= 2


def test_modes_are_converted(root: Path) -> None:
    save(root / "train" / "ant" / "0.png", np.full((6, 6), 60, np.uint8))
    assert one(root).unique().tolist() == [60]
    assert one(root, channels=1).shape == (1, 6, 6)
    deep = np.full((6, 6), 0x8012, np.uint16)
    save(root / "train" / "ant" / "0.png", deep)
    assert one(root).unique().tolist() == [0x80]
    palette = Image.fromarray(picture(40)).convert("P")
    palette.save(root / "train" / "ant" / "0.png", transparency=bytes([255] * 256))
    assert np.array_equal(one(root).permute(1, 2, 0).numpy(), np.asarray(palette.convert("RGB")))


def test_grey_is_the_luma_of_colour(root: Path) -> None:
    red = picture(0)
    red[..., 0] = 255
    save(root / "train" / "ant" / "0.png", red)
    assert one(root, channels=1).unique().tolist() == [76]  # 0.299 · 255, ITU-R 601


def test_exif_orientation_is_respected(root: Path) -> None:
    upright = picture(0)
    upright[:3] = 255  # the upper half is white
    exif = Image.Exif()
    exif[0x0112] = 6  # stored turned: 90° clockwise makes it upright
    save(root / "train" / "ant" / "0.png", np.ascontiguousarray(np.rot90(upright)), exif=exif)
    assert np.array_equal(one(root)[0].numpy(), upright[..., 0])


def test_resizing_takes_the_centre_square_undistorted(root: Path) -> None:
    wide = picture(0, 20, 60)
    wide[:, 20:40] = 200  # exactly the centre square
    save(root / "train" / "ant" / "0.png", wide)
    resized = one(root, image_size=10)
    assert resized.shape == (3, 10, 10)
    assert (resized[:, :, 1:-1] == 200).all()
    assert resized.min() > 150  # the filter blends a little of the neighbours into the border
    small = picture(0, 2, 2)
    small[:, 1] = 100
    save(root / "train" / "ant" / "0.png", small)
    assert one(root, image_size=8)[0, 0].tolist() == sorted(one(root, image_size=8)[0, 0].tolist())


def test_a_large_jpeg_decoded_at_reduced_size_looks_the_same(root: Path) -> None:
    stripes = np.where(np.arange(512) // 16 % 2, 220, 30).astype(np.uint8)
    pixels = np.broadcast_to(stripes[None, :, None], (512, 512, 3)).copy()
    save(root / "train" / "ant" / "0.jpg", pixels, quality=95)
    fast = one(root, image_size=128).int()
    (root / "train" / "ant" / "0.jpg").unlink()
    save(root / "train" / "ant" / "0.png", pixels)
    assert (fast - one(root, image_size=128).int()).abs().float().mean() < 3


def test_different_sizes_name_the_setting_and_two_files(root: Path) -> None:
    save(root / "test" / "cat" / "2.png", picture(0, 6, 7))
    with pytest.raises(
        UserError, match=r"(?s)ant.10\.png is 6×6, .*cat.2\.png is 6×7 .*data\.image_size"
    ):
        read(root)
    assert read(root, image_size=4).test.shape == (3, 4, 4)


def cut_off(path: Path) -> None:
    save(path, np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    path.write_bytes(path.read_bytes()[:3000])


def no_image(path: Path) -> None:
    path.write_bytes(b"<html>404</html>")


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("file", ["0.jpg", "0.png", "0.gif", "0.webp"])
@pytest.mark.parametrize("damage", [cut_off, no_image, empty])
def test_a_broken_image_is_named(root: Path, damage, file: str) -> None:
    damage(root / "train" / "ant" / file)
    with pytest.raises(UserError, match=rf"(?s)Image .*train.ant.{file} cannot be read: .*Replace"):
        read(root, image_size=6)


@pytest.mark.parametrize("size", [None, 6])
@pytest.mark.parametrize("streaming", [False, True, "auto"])
def test_all_broken_images_are_named(root: Path, streaming: bool | str, size: int | None) -> None:
    for number in range(12):  # the first file is one of them
        cut_off(root / "train" / "ant" / f"0broken{number:02}.png")
    with pytest.raises(UserError) as refusal:
        _ = read(root, image_size=size, streaming=streaming).train.tensor
    message = str(refusal.value)
    assert message.startswith("12 images cannot be read, e.g. ")
    assert "broken09.png and 2 more." in message
    assert len(message.splitlines()) == 2


def test_a_decompression_bomb_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(root / "train" / "ant" / "0.png", picture(0, 100, 100))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(UserError, match=r"ant.0\.png cannot be read: .*10000 pixels.*bomb"):
        read(root, image_size=6)


def test_floating_point_images_are_refused(root: Path) -> None:
    save(root / "train" / "ant" / "0.tiff", np.zeros((6, 6), np.float32))
    with pytest.raises(UserError, match=r"0\.tiff cannot be read: .*8 bits"):
        read(root)


def test_threads_give_the_same(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for index in range(20):
        save(root / "train" / "ant" / f"{index:02}.png", picture(index))
    images = read(root).train.images
    monkeypatch.setattr(file_threads, "_SMALL_FILE_BYTES", 0)
    monkeypatch.setattr(file_threads, "_CHUNK", 3)
    paths = sorted(str(path) for path in root.glob("train/*/*.png"))
    assert torch.equal(decode.decode_images(paths, Conversion(None, 3)).images, images)


def test_a_changed_image_is_noticed(root: Path) -> None:
    before = read(root)
    assert torch.equal(read(root).train.images, before.train.images)
    save(root / "train" / "ant" / "10.png", picture(123))
    assert (read(root).train.images[0] == 123).all()
    (root / "train" / "ant" / "10.png").unlink()
    assert len(read(root).train) == 3


def test_the_layout_is_explained(tmp_path: Path, root: Path) -> None:
    with pytest.raises(
        UserError, match=r"(?s)no such folder.*train/<class>/\* and test/<class>/\*"
    ):
        read(tmp_path / "nowhere")
    (tmp_path / "flat" / "train").mkdir(parents=True)
    with pytest.raises(UserError, match="no class folders"):
        read(tmp_path / "flat")
    for name in ("one", "two"):
        (tmp_path / "classes" / name).mkdir(parents=True)
    with pytest.raises(UserError, match=r"There are one, two: move some files of each to train/"):
        read(tmp_path / "classes")
    (root / "test").rename(root / "validation")
    with pytest.raises(UserError, match="no folder test/"):
        read(root)


def test_a_folder_of_a_similar_name_is_proposed(root: Path) -> None:
    misspelt = root.with_name(f"{root.name}s")
    with pytest.raises(UserError, match="Did you mean") as refusal:
        read(misspelt)
    assert override("data.root", str(root)) in str(refusal.value)


def test_an_empty_class_is_named(root: Path) -> None:
    (root / "test" / "bee").mkdir()
    with pytest.raises(UserError, match=r"test.bee holds no image"):
        read(root)
    (root / "test" / "bee" / "notes.txt").write_text("?")
    (root / "train" / "bee").mkdir()
    save(root / "train" / "bee" / "1.png", picture(1))
    with pytest.raises(UserError, match=r"test.bee holds no image"):
        read(root)


@pytest.mark.parametrize("streaming", [False, "auto", True])
def test_images_of_formats_that_are_not_read_are_told_from_other_files(
    root: Path, streaming: bool | str
) -> None:
    for folder in root.glob("*/*"):
        (folder / "IMG_0001.HEIC").write_bytes(b"\0\0\0\x24ftypheic" + bytes(100))
        (folder / "IMG_0001.AAE").write_text("edits")
    heic, other = read(root, streaming=streaming).notes[:2]
    assert heic.startswith("Ignored 4 file(s) in a format that Pillow does not read here (.heic), ")
    assert "IMG_0001.HEIC: convert them to PNG or JPEG" in heic
    assert other.startswith("Ignored 4 file(s) that are no images, e.g. ")
    for path in root.glob("train/*/*.png"):
        path.unlink()
    with pytest.raises(UserError, match=r"train.ant holds no image\.\nIgnored . file.* \(\.heic\)"):
        read(root, streaming=streaming)


def test_a_class_of_one_split_only_is_named(root: Path) -> None:
    save(root / "train" / "bee" / "1.png", picture(1))
    with pytest.raises(UserError, match=r"class 'bee' is in train/ but not in test/"):
        read(root)
