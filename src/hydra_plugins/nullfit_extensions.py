"""What lets Hydra find the options of installed extensions.

It lives in this package because Hydra takes plugins from nowhere else.
"""

from hydra.core.config_search_path import ConfigSearchPath
from hydra.plugins.search_path_plugin import SearchPathPlugin

from nullfit.config.extensions import PROVIDER, extensions


class ExtensionsSearchPath(SearchPathPlugin):
    """Adds the folder of each extension behind ``conf/``."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Add them."""
        for extension in extensions():
            search_path.append(PROVIDER, f"file://{extension.folder}")
