"""The scoreboard on the page, and the notice that goes with it."""

from typing import Any

import pandas

from nullfit.results.published.scoreboard import NO_REPRODUCTION, readable


def score_rows(scores: pandas.DataFrame) -> list[dict[str, Any]]:
    """The rows as the page shows them: texts, and whether the setup was the published one."""
    shown: list[dict[str, Any]] = readable(scores).to_dict(orient="records")
    return [
        {
            **row,
            "same_setup": bool(same),
            "remark": str(row["remark"]).removeprefix(NO_REPRODUCTION),
        }
        for row, same in zip(shown, scores["same_setup"], strict=True)
    ]


def notice_of(scores: pandas.DataFrame, data: str) -> str | None:
    """What has to stand wherever runs in another setup are shown beside published numbers.

    ``data`` says what the study's data are. None where every row is in the published setup.
    """
    other = int((~scores["same_setup"].astype(bool)).sum())
    if not other:
        return None
    if other == len(scores):
        how_many = "No reproduction: none of the published numbers beside this study was"
    else:
        how_many = f"{other} of {len(scores)} published numbers beside this study were not"
    return (
        f"{how_many} measured in the same setup. Here: {data}. Data, scale, epochs or settings "
        "differ, as the scoreboard says row by row."
    )
