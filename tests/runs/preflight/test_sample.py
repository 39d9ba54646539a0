"""The few samples that stand for all."""

from pathlib import Path

import torch

from nullfit import assembly
from nullfit.data.image_set import ImageSet
from nullfit.runs.preflight import sample


def test_they_keep_their_places_so_that_a_file_of_labels_fits_them(monkeypatch) -> None:
    monkeypatch.setattr(sample, "_VALUES", 1)
    labels = torch.arange(40) % 2
    few = sample._few(ImageSet(torch.zeros(40, 1, 2, 2), labels, ("a", "b"), "drawn"))
    assert len(few) == 10
    assert few.places is not None
    assert torch.equal(few.labels, labels[few.places])
    assert torch.equal(few.source_labels, labels)


def test_samples_that_are_left_out_are_not_counted(make_config, tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("index\n3\n7\n")
    config = make_config(f"data.leave_out={tmp_path / 'out.csv'}")
    found = sample.Sample.of(config, assembly.load_dataset(config))
    assert found.train == len(assembly.randomized_data(config).train) == 1435
