"""``task=card``: what the files of a study know, on one page of Markdown."""
