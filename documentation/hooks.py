"""What MkDocs calls while it builds the site."""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from documentation import notebooks, options, python_names

# Files outside docs/ that pages link to, as on GitHub, and where the site has them.
_ELSEWHERE = {
    "SECURITY.md": "about/security.md",
    "src/nullfit/results/published/published.yaml": "about/published.yaml",
}
_MADE = re.compile(r"`docs/(gallery/\w+\.html)`")  # by `make gallery`, on the machine of the site


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what is made: the reference of options, notebooks, files from outside docs/.

    Raises:
        PluginError: a public name or a setting is not explained.
    """
    docs = Path(config.docs_dir)
    if problems := python_names.missing(docs):
        raise PluginError("\n".join(problems))
    try:
        made = options.pages()
    except ValueError as error:
        raise PluginError(str(error)) from error
    for own, place in _ELSEWHERE.items():
        made[place] = (docs.parent / own).read_text("utf-8").replace("](docs/", "](../")
    made |= {
        f"tutorials/{page.stem}.ipynb": notebooks.dumped(page) for page in notebooks.tutorials(docs)
    }
    for place, content in made.items():
        files.append(File.generated(config, place, content=content))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let links to files outside docs/ lead to those of the site; link what was made."""
    for own, place in _ELSEWHERE.items():
        markdown = markdown.replace(f"](../{own})", f"]({place})")
    return _MADE.sub(lambda named: _linked(named, files), markdown)


def _linked(named: re.Match[str], files: Files) -> str:
    """A page of the gallery that a text names, as a link where the site has it."""
    return f"[{named[0]}]({named[1]})" if files.get_file_from_path(named[1]) else named[0]
