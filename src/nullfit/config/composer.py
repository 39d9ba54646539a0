"""Hydra, set up to compose from nullfit's groups and from a folder of the user's own."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from hydra import initialize_config_dir
from hydra._internal.config_repository import IConfigRepository
from hydra._internal.hydra import Hydra
from hydra._internal.sources_registry import SourcesRegistry
from hydra._internal.utils import create_config_search_path
from hydra.core.config_search_path import SearchPathQuery
from hydra.core.global_hydra import GlobalHydra

from nullfit.config.environment import read_variables
from nullfit.config.folders import config_folder
from nullfit.config.foreign_files import SCHEME, ForeignSource
from nullfit.config.local import store_local
from nullfit.config.references import register_resolvers
from nullfit.errors import UserError

__all__ = ["CONFIG_NAME", "composer", "config_folder", "option_files", "repository"]

CONFIG_NAME = "config"


@contextmanager
def composer(config_dir: str | None = None, typed: Iterable[str] = ()) -> Iterator[None]:
    """Within it, `compose_run` and `compose_grid` work; ``config_dir`` adds a folder of options.

    The user's own words, ``typed``, may refer to environment variables, files may not.

    Raises:
        UserError: ``config_dir`` is no folder, or the machine's own settings are wrong.
    """
    if config_dir is not None and not Path(config_dir).is_dir():
        raise UserError(f"--config-dir {config_dir}: there is no such folder.")
    register_resolvers()
    read_variables(typed)
    store_local()
    with initialize_config_dir(str(config_folder()), version_base="1.3", job_name="nullfit"):
        if config_dir is not None:
            search = create_config_search_path(str(config_folder()))
            SourcesRegistry.instance().register(ForeignSource)
            ForeignSource.references.clear()
            folder = f"{SCHEME}://{Path(config_dir).resolve()}"
            search.prepend("command-line", folder, SearchPathQuery(provider="schema"))
            GlobalHydra.instance().clear()
            Hydra.create_main_hydra2("nullfit", search)
        yield


def option_files(group: str) -> dict[str, Path]:
    """The YAML files of a group's options, those of ``--config-dir`` included, by option."""
    folders = [config_folder()]
    if GlobalHydra.instance().is_initialized():
        sources = GlobalHydra.instance().config_loader().get_sources()
        folders += [Path(s.path) for s in sources if s.scheme() in ("file", SCHEME)]
    return {path.stem: path for folder in folders for path in folder.glob(f"{group}/*.yaml")}


def repository() -> IConfigRepository:
    """Hydra's groups and options, to ask without its loader, which copies all anew to answer."""
    loader = GlobalHydra.instance().config_loader()
    found: IConfigRepository = loader.repository  # type: ignore[attr-defined]
    return found
