"""Figures: each is written once, and drawn on the page and in print.

A figure is a `Figure`: panels, the entries of one legend, and a note. A panel is an Altair chart of
pandas frames without a size. ``page.html(figure, id)`` makes an element of the page of it (panels
reflow, a click in the legend hides, drag to zoom, values on hover), ``printed.save(figure, path)``
a PDF, an SVG and a PNG as wide as a text column. Both draw the same chart in the same theme.

To write one::

    def test_errors(settings: Sequence[Setting], note: str) -> Figure:
        looks_of = looks([setting.corruption for setting in settings])
        series = [Series(s.label, look) for s, look in zip(settings, looks_of, strict=True)]
        frame = pandas.DataFrame(
            {"series": number, "size": size, "mean": spread.mean, "low": spread.low,
             "high": spread.high}
            for number, setting in enumerate(settings)
            for size, spread in setting.test_errors()
        )
        x = alt.X("size:Q", title="training samples", **logarithmic(frame["size"]))
        y = alt.Y("mean:Q", title=None, **fractions())
        tooltip = [alt.Tooltip("size:Q"), alt.Tooltip("mean:Q", format=".2%")]
        lines = curves(frame, x, y, series, tooltip=tooltip)
        panel = Panel("test error", layered(lines, level([0.9])))
        return Figure([panel], note, series)

- ``series`` in a frame is the number of the row's entry in the legend; colour, dash and marker
  come from there (`marks.by_series`). Rows without a number stay whatever is hidden.
- Columns of frames have fixed names; what users named (classes, columns, networks) stands in values
  and titles only. `figure.specification` refuses other names of columns.
- A panel's title is its quantity; units stand at the axis or in the title. Axes get titles where
  the panel's title does not say what they are.
- `marks` has what several figures need: `layered`, `curves`, `dots` (a row for each setting),
  `points`, `level` (chance); `axes` has `fractions`, `logarithmic` and `whole_numbers`.
  Any other chart of Altair will do, such as ``mark_rect`` with a colour scale of its own, whose
  legend stands below the plot. A picture is ``mark_image`` with ``data:image/png;base64,…``.
- ``tooltip`` of lines, markers and cells is shown for the nearest of them.
- `Switch` and `Panel.options` change encodings on the page: epoch or step, linear or logarithmic.
- A `Slider` chooses which rows are drawn (`marks.moved_by`): those of an epoch.
- Text is of one weight, and uses letters of Liberation Sans: see `theme`.
"""
