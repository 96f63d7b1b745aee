"""Sliders for what you care about, and the advice that follows; a still and a table do without.

All answer to keyboard and mouse. Only what ipywidgets 7.7 and 8 share is used; where neither is
installed, the still and the table are all.
"""

import html
from collections.abc import Mapping

from IPython.display import display

from course_lib.choosing import Advice, Column, advise
from course_lib.plotting import show_shares

MOST = 5  # the upper end of a slider
TOGETHER = "together"
LINES = "white-space: pre-line; line-height: 1.5"  # CSS: as many lines as said, none too high
CELL = "padding: 0.2em 0.8em; text-align: right"  # without it, neighbours run into one another


def show_advice(columns: Mapping[str, Column], weights: Mapping[str, int], title: str) -> None:
    """Show who wins how many duels in each column and together, the advice, then the sliders.

    Args:
        columns: what was measured, all about the same families.
        weights: how much each column matters at first, 0 to 5; those left out do not matter.
        title: what the reader should see in the still.

    Raises:
        ValueError: as `course_lib.choosing.advise`.
    """
    advice = advise(columns, weights)
    show_shares(shares(advice), title, "share of duels won in each column, and together")
    print(said(advice))
    try:
        display(sliders(columns, weights))
    except ImportError:
        print("To move sliders here, the advisor needs ipywidgets; call advise() with any weights.")


def shares(advice: Advice) -> dict[str, dict[str, float]]:
    """Return each family's share of duels won in each column that matters, and together."""
    return {
        family: {column: won[family] for column, won in advice.reasons.items()} | {TOGETHER: points}
        for family, points in advice.points.items()
    }


def said(advice: Advice) -> str:
    """Put advice into four lines: who is ahead, what speaks for it, what against it, the doubt."""
    (first, points), *others = advice.points.items()
    ahead = [column for column, won in advice.reasons.items() if won[first] == max(won.values())]
    behind = [column for column in advice.reasons if column not in ahead]
    rest = ", ".join(f"{family} {share:.0%}" for family, share in others)
    return (
        f"Take: {first}. It wins {points:.0%} of the duels, {rest}.\n"
        f"Ahead in: {', '.join(ahead) or 'nothing alone'}.\n"
        f"Behind in: {', '.join(behind) or '-'}.\n"
        f"Doubt: in {100 * advice.doubt:.0f} of 100 races another one wins."
    )


def sliders(columns: Mapping[str, Column], weights: Mapping[str, int]):
    """Return a slider for each column, and below them the advice in words and as a table."""
    import ipywidgets  # only here, because it may be missing

    knobs = {
        name: ipywidgets.IntSlider(
            value=weights.get(name, 0),
            min=0,
            max=MOST,
            description=name,
            continuous_update=False,
            style={"description_width": "9em"},
        )
        for name in columns
    }
    answer = ipywidgets.HTML()

    def look(_=None) -> None:
        try:
            advice = advise(columns, {name: knob.value for name, knob in knobs.items()})
        except ValueError as error:
            answer.value = f"<p>{html.escape(str(error))}</p>"
        else:
            words = html.escape(said(advice))
            answer.value = f'<p style="{LINES}">{words}</p>{_table(shares(advice))}'

    for knob in knobs.values():
        knob.observe(look, names="value")
    look()
    return ipywidgets.VBox([*knobs.values(), answer])


def _table(rows: Mapping[str, Mapping[str, float]]) -> str:
    """Return shares as a table that screen readers can walk through."""
    names = next(iter(rows.values()))
    head = "".join(_cell("th", name, ' scope="col"') for name in names)
    lines = [
        "<tr>"
        + _cell("th", family, ' scope="row"')
        + "".join(_cell("td", f"{share:.0%}") for share in row.values())
        + "</tr>"
        for family, row in rows.items()
    ]
    caption = '<caption style="text-align: left">Shares of duels won</caption>'
    return f"<table>{caption}<tr><td></td>{head}</tr>{''.join(lines)}</table>"


def _cell(kind: str, text: str, scope: str = "") -> str:
    return f'<{kind}{scope} style="{CELL}">{html.escape(text)}</{kind}>'
