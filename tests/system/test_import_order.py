"""W&B is imported before torch where it will be needed, Lightning where something trains alone."""

import json
import subprocess
import sys
from pathlib import Path

# Each in a fork: what they have in common is imported once.
ORDER = """
import importlib.abc, json, os, sys
from nullfit.config.compose import compose_run
from nullfit.config.composer import composer
from nullfit.config.validation import validate

class Before(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "torch":
            print("wandb.apis.public" in sys.modules, flush=True)
            os._exit(0)

sys.meta_path.insert(0, Before())
for overrides in json.loads(sys.argv[1]):
    if os.fork() == 0:
        with composer():
            validate(compose_run(overrides))
    os.wait()
"""


def test_only_what_records_imports_it() -> None:
    expected = {
        "": True,
        "task=kernel": True,
        "logger.mode=disabled": False,
        "logger=csv": False,
        "task=table": False,
    }
    commands = json.dumps([words.split() for words in expected])
    command = [sys.executable, "-c", ORDER, commands]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(imported) for imported in expected.values()], done.stderr


def test_a_run_would_import_it_anyway(tmp_path: Path) -> None:
    # Once W&B begins a run without it, importing it ahead only costs time.
    code = (
        "import sys, wandb\n"
        "with wandb.init(mode='offline', dir=sys.argv[1]):\n"
        "    print('wandb.apis.public' in sys.modules)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "True" in done.stdout


def test_lightning_is_imported_by_trainings_alone_and_without_a_warning() -> None:
    # torchvision, too, imports beside any build of torch.
    others = "report.build tasks.train.section tasks.permutation.inference tasks.kernel.task"
    imports = "".join(f"import nullfit.{name}\n" for name in ("assembly", *others.split()))
    code = "import gc, sys\ngc.disable()\n"  # a second of looking for garbage
    code += f"{imports}print('pytorch_lightning' in sys.modules)\n"
    code += "from nullfit.training import fit\nprint('pytorch_lightning' in sys.modules)\n"
    code += "from nullfit.system.ecosystem import pytorch_lightning, torchvision\nprint('fine')\n"
    code += "gc.freeze()\n"
    command = [sys.executable, "-W", "error::UserWarning", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["False", "True", "fine"], done.stderr
