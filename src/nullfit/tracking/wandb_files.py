"""The files that W&B itself writes, kept in the folder of their run."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nullfit.system.files import refuse_links_in

# W&B's own links: made anew by each process, or in the folder of a record, which no other writes.
OWN_LINKS = (r"latest-run|debug(-internal|-core)?\.log", r"[^/]*run-[^/]+/logs/debug-core\.log")


@contextmanager
def files_in(folder: Path) -> Iterator[None]:
    """W&B keeps its logs, and tables until they are uploaded, here unless the user says otherwise.

    Its own choice is the home folder, where nothing tells which study a file belongs to.

    Raises:
        StorageError: it is a link, or there is one in it, which W&B would write through.
    """
    refuse_links_in(folder, but_for=OWN_LINKS)
    own = [name for name in ("WANDB_CACHE_DIR", "WANDB_DATA_DIR") if name not in os.environ]
    os.environ.update(dict.fromkeys(own, str(folder.resolve())))
    try:
        yield
    finally:
        for name in own:
            os.environ.pop(name, None)
