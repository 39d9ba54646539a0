"""How long a report takes and how large its page is: 500 runs of 300 epochs.

    python benchmarks/report.py [--cores 2] [--tiny]

The runs are fabricated: files like those that training writes, filled with smooth random curves.
The report is made in a process of its own, as `python run.py task=report` would.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import yaml

from nullfit.config.compose import compose_run
from nullfit.config.composer import composer
from nullfit.config.validation import validate
from side_by_side import Asked, Measurement, in_turns, main, timed

CORRUPTIONS = [
    ["none"],
    ["shuffled_pixels"],
    ["random_pixels"],
    ["gaussian"],
    ["uniform_pixels"],
    *[["random_labels", f"corruption.probability={level}"] for level in (0.2, 0.4, 0.6, 0.8, 1.0)],
]


def fabricate(outputs: Path, study: str, runs: int, epochs: int, seeds: int) -> None:
    """A study of so many runs: ten corruptions, ``seeds`` seeds, as many networks as that needs."""
    made = 0
    with composer():
        network = 0
        while made < runs:
            for name, *strength in CORRUPTIONS[: runs - made]:
                overrides = ["model=mlp", f"model.hidden=[{64 + network}]", f"study={study}"]
                overrides += [f"corruption={name}", *strength, f"trainer.max_epochs={epochs}"]
                base = validate(compose_run(overrides)).plain()
                for seed in range(seeds):
                    if made < runs:
                        write_run(outputs / study, base, seed, epochs)
                        made += 1
            network += 1


def write_run(folder: Path, base: dict, seed: int, epochs: int) -> None:
    """The files of one run."""
    config = {**base, "seed": seed}
    hidden = config["model"]["hidden"][0]
    corruption = config["corruption"]
    strength = corruption.get("probability", 0.0)
    job = f"mlp{hidden}-{corruption['name']}{strength}-seed{seed}"
    random = np.random.default_rng(hash_of(job))
    epoch = np.arange(1, epochs + 1)
    train = 1 - 0.9 * np.exp(-epoch / (10 + 60 * strength + random.uniform(0, 5)))
    chance = corruption["name"] in ("random_pixels", "gaussian", "uniform_pixels")
    test = np.full(epochs, 0.1) if chance else 0.1 + (0.87 - 0.87 * strength) * train
    test = np.clip(test + random.normal(0, 0.004, epochs), 0, 1)
    columns = {
        "epoch": epoch, "step": 12 * epoch, "seconds": 0.1 * epoch, "lr": 0.1 * 0.99**epoch,
        "train/running_loss": 2.3 * (1 - train), "train/running_accuracy": train,
        "train/loss": 2.3 * (1 - train), "train/accuracy": train,
        "test/loss": 2.3 * (1.2 - test), "test/accuracy": test, "test_clean/accuracy": test,
    }  # fmt: skip
    (folder / job).mkdir(parents=True)
    rows = np.stack(list(columns.values()), axis=1)
    np.savetxt(
        folder / job / "metrics.csv", rows, "%.10g", ",", header=",".join(columns), comments=""
    )
    config["job"] = job
    (folder / job / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    np.savez_compressed(
        folder / job / "arrays.npz", confusion_matrix=random.multinomial(36, [0.1] * 10, size=10)
    )
    fitted = int(np.argmax(train >= 0.99)) + 1 if train[-1] >= 0.99 else None
    last = {name: float(values[-1]) for name, values in columns.items() if "/" in name}
    if strength:
        last["train/accuracy_corrupted"] = last["train/accuracy"]
    result = {
        "status": "completed", "task": "train", "study": folder.name, "job": job, "seed": seed,
        "config_hash": f"{hash_of(job):016x}", "model": {"name": "mlp", "parameters": 50_000},
        "data": {
            "name": "digits", "train_samples": 1437, "val_samples": 0, "test_samples": 360,
            "input_shape": [1, 8, 8], "classes": 10, "class_names": [str(n) for n in range(10)],
        },
        "corruption": {
            "name": corruption["name"], "labels_changed": 0.9 * strength, "images_changed": 0.0,
            **{key: corruption[key] for key in ("probability",) if key in corruption},
        },
        "metrics": last,
        "fit": {
            "threshold": 0.99, "epochs_to_fit": fitted, "steps_to_fit": fitted and 12 * fitted,
        },
        "epochs": epochs, "steps": 12 * epochs, "wall_seconds": 0.1 * epochs,
        "images_per_second": 14370.0, "device": "cpu", "threads": 2,
        "versions": {"python": "3.11", "torch": "2.13.0"},
        "command": f"python run.py study={folder.name} seed={seed}",
    }  # fmt: skip
    (folder / job / "result.json").write_text(json.dumps(result, indent=2))


def hash_of(text: str) -> int:
    """The same number for a text in every process."""
    return int.from_bytes(text.encode()[-8:], "little") % 2**63


def measure(asked: Asked) -> Iterator[Measurement]:
    """Fabricate a study, report on it, look at how large the page is."""
    runs, epochs = (4, 3) if asked.tiny else (500, 300)
    with tempfile.TemporaryDirectory() as folder:
        outputs = Path(folder)
        fabricate(outputs, "large", runs, epochs, seeds=5)
        command = [sys.executable, "-c", "from nullfit.cli import main; main()"]
        command += ["task=report", "study=large", f"outputs={outputs}"]

        def make() -> None:
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

        made = in_turns("report", {"seconds": timed(make)}, asked, warm_up=0)["seconds"]
        report = outputs / "large" / "report"
        page = (report / "index.html").stat().st_size / 1e6
        everything = sum(p.stat().st_size for p in report.rglob("*") if p.is_file()) / 1e6
    yield Measurement("report/seconds", made, [], f"all files {everything:.1f} MB")
    yield Measurement("report/page", [page], [])


if __name__ == "__main__":
    main(__doc__, measure, repeats=1)
