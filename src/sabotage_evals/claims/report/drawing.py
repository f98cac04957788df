"""Draw on a canvas and give it back as SVG that can stand in a page: readable in black and white, its text as text."""

import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from io import StringIO
from math import ceil
from typing import Any, Final, NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

INK: Final = "#1a1a1a"
GREY: Final = "#6b6b6b"
PALE: Final = "#d9d9d9"
STYLE: Final[Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "sabotage-evals",
    "text.parse_math": False,  # names come from logs, and may hold dollars
    "font.family": "sans-serif",
    "font.size": 9.0,
    "axes.edgecolor": GREY,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.unicode_minus": True,
    "text.color": INK,
    "xtick.color": GREY,
    "ytick.color": INK,
    "xtick.labelcolor": INK,
    "hatch.linewidth": 0.6,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}
REM_AN_INCH: Final = 7.6
"""How wide a page shows a plot at most."""
LONGEST: Final = 46
"""Characters of a name in a plot; the table beside it has the whole."""


class Mark(NamedTuple):
    """How a subject is drawn, told apart without colour."""

    shape: str
    filled: bool
    line: Any


MARKS: Final = tuple(
    Mark(shape, filled, line)
    for filled in (True, False)
    for shape, line in (
        ("o", "-"),
        ("s", (0, (5, 2))),
        ("^", (0, (1, 1.5))),
        ("D", (0, (4, 1.5, 1, 1.5))),
        ("v", (0, (8, 2))),
    )
)
HATCHES: Final = ("", "//", "..", "xx", "\\\\", "--", "o", "+", "||", "*")
SHADES: Final = (
    "#3d3d3d",
    "#ffffff",
    "#c9c9c9",
    "#f0f0f0",
    "#8a8a8a",
    "#ffffff",
    "#dedede",
    "#ffffff",
    "#b0b0b0",
    "#ffffff",
)


def mark(number: int) -> Mark:
    """Return how the subject of this number is drawn."""
    return MARKS[number % len(MARKS)]


def short(name: str) -> str:
    """Cut the middle out of a name that does not fit beside a plot, and leave out what is no letter in XML.

    Long names of one model differ at their end, where its settings stand.
    """
    squeezed = "".join(letter for letter in " ".join(name.split()) if letter.isprintable())
    head, tail = LONGEST // 2, LONGEST - LONGEST // 2 - 1
    return squeezed if len(squeezed) <= LONGEST else f"{squeezed[:head]}…{squeezed[-tail:]}"


@contextmanager
def _styled() -> Iterator[None]:
    with mpl.rc_context(STYLE), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a glyph that the measuring font lacks is drawn by the reader's own
        yield


def draw(width: float, height: float, paint: Callable[[Canvas], None]) -> str:
    """Return what is painted as an SVG element, whose ids are its own among all plots of a page."""
    with _styled():
        canvas = Canvas(figsize=(width, height), layout="constrained")
        paint(canvas)
        out = StringIO()
        canvas.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    opening, rest = svg.split(">", 1)
    opening = re.sub(r'\s(?:width|height)="[^"]*"', "", opening)
    svg = f'{opening} style="max-width: {width * REM_AN_INCH:.1f}rem">{rest}'
    own = f"p{sha256(svg.encode()).hexdigest()[:8]}-"
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{own}\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{own}\1)", svg)
    return re.sub(r'xlink:href="#([^"]+)"', rf'xlink:href="#{own}\1"', svg).strip()


def rate_axis(axes: Axes, largest: float = 1.0) -> None:
    """Give an axis of rates: from zero to one, or to where the intervals end if they are far from it."""
    top = 1.0 if largest > 0.5 else min(1.0, max(0.05, largest * 1.15))
    step = next(step for step in (0.01, 0.02, 0.05, 0.1, 0.25) if top / step <= 6)
    ticks = [step * n for n in range(int(top / step + 1e-9) + 1)]
    axes.set_xlim(-0.015 * top, top * 1.015)
    axes.set_xticks(ticks, [f"{tick * 100:.0f}%" for tick in ticks])
    axes.grid(axis="x", color=PALE, linewidth=0.6)
    axes.set_axisbelow(True)


LETTERS_AN_INCH: Final = 12
"""Of the key's size of letters."""


def _columns(labels: Sequence[str], width: float) -> int:
    longest = max(map(len, labels), default=1) + 6
    return max(1, min(4, len(labels), int(width * LETTERS_AN_INCH / longest)))


def key_height(names: Sequence[str], width: float) -> float:
    """Return how many inches the key of so many names takes."""
    return 0.2 * ceil(len(names) / _columns([short(name) for name in names], width)) if names else 0.0


def legend(axes: Axes, handles: Sequence[Any]) -> None:
    """Put the key below a plot, in as many columns as its width has room for."""
    canvas = axes.figure
    columns = _columns([handle.get_label() for handle in handles], canvas.get_figure(root=True).get_figwidth())
    canvas.legend(handles=handles, loc="outside lower center", ncols=columns, frameon=False, fontsize=8.5)
