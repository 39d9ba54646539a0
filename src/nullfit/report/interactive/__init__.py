"""The figures of the page, as Plotly draws them; each has a twin in `nullfit.plots` for print."""
