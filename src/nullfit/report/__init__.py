"""``task=report``: a study as one page, figures for print, and tables."""
