"""The plots of a report. Each shows what a table beside it says in numbers."""

from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any, Final, NamedTuple

from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator

from sabotage_evals.claims.report.drawing import (
    GREY,
    HATCHES,
    INK,
    PALE,
    SHADES,
    draw,
    key_height,
    legend,
    mark,
    rate_axis,
    short,
)

DOUBT: Final = "#a3a3a3"
WIDTH: Final = 7.8
"""Inches; the page scales it."""


SLANTED: Final = 6
"""Columns of a heat map up to which their heads have room to slant."""


class Point(NamedTuple):
    """A rate with its interval."""

    row: str
    """The arm, or whatever the rows are."""
    series: str
    """The subject, or whatever has a mark of its own."""
    rate: float
    lower: float
    upper: float
    published: bool = False
    doubtful: bool = False
    """Too few of the arm's runs were scored, or the walls were weaker: drawn in grey."""

    @property
    def ink(self) -> str:
        return DOUBT if self.doubtful else INK


def forest(points: Sequence[Point], series: Sequence[str]) -> str:
    """Draw rates with intervals, a row for each arm and in it a line for each subject."""
    rows = list(dict.fromkeys(point.row for point in points))
    largest = max((p.upper for p in points if not isnan(p.upper)), default=1.0)

    def paint(canvas: Canvas) -> None:
        axes = canvas.subplots()
        step = 0.8 / len(series)
        for number in range(1, len(rows), 2):
            axes.axhspan(number - 0.5, number + 0.5, color="#f6f6f6", zorder=0)
        for point in points:
            if isnan(point.rate):
                continue
            at = rows.index(point.row) - 0.4 + step * (series.index(point.series) + 0.5)
            look = mark(series.index(point.series))
            axes.plot([point.lower, point.upper], [at, at], color=point.ink, linewidth=1.1, solid_capstyle="butt")
            face = point.ink if look.filled else "white"
            axes.plot(point.rate, at, look.shape, color=point.ink, markerfacecolor=face, markersize=5.5, clip_on=False)
        axes.set_yticks(range(len(rows)), [short(row) for row in rows])
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        rate_axis(axes, largest)
        if len(series) > 1:
            legend(axes, [_handle(name, number) for number, name in enumerate(series)])

    return draw(WIDTH, 0.75 + max(0.34, 0.17 * len(series)) * len(rows) + key_height(series, WIDTH), paint)


def _handle(name: str, number: int) -> Line2D:
    look = mark(number)
    face = INK if look.filled else "white"
    return Line2D([], [], color=INK, marker=look.shape, linestyle="", markerfacecolor=face, label=short(name))


def ladder(points: Sequence[Point], series: Sequence[str], steps: Sequence[str]) -> str:
    """Draw how a rate changes from arm to arm, a line for each subject; published figures stand hollow and grey."""
    others = list(dict.fromkeys(point.series for point in points if point.published))

    def paint(canvas: Canvas) -> None:
        axes = canvas.subplots()
        for number, name in enumerate(series):
            own = [p for p in points if p.series == name and not p.published and not isnan(p.rate)]
            look = mark(number)
            shift = 0.06 * (number - (len(series) - 1) / 2)
            at = [steps.index(p.row) + shift for p in own]
            axes.plot(at, [p.rate for p in own], color=INK, linestyle=look.line, linewidth=0.9)
            for x, point in zip(at, own, strict=True):
                axes.plot([x, x], [point.lower, point.upper], color=point.ink, linewidth=0.9)
                face = point.ink if look.filled else "white"
                axes.plot(x, point.rate, look.shape, color=point.ink, markerfacecolor=face, markersize=6, clip_on=False)
        for name in others:
            own = [p for p in points if p.series == name and p.published]
            at = [steps.index(p.row) for p in own]
            axes.plot(at, [p.rate for p in own], "D", color=GREY, markerfacecolor="none", markersize=9)
        axes.set_xticks(
            range(len(steps)), [short(step) for step in steps], rotation=22, ha="right", rotation_mode="anchor"
        )
        axes.set_xlim(-0.5, len(steps) - 0.5)
        axes.set_ylim(-0.02, 1.02)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
        axes.grid(axis="y", color=PALE, linewidth=0.6)
        axes.set_axisbelow(True)
        handles = [_handle(name, number) for number, name in enumerate(series)]
        for name in others:
            label = short(f"{name} (published)")
            handles.append(
                Line2D([], [], color=GREY, marker="D", linestyle="", markerfacecolor="none", markersize=8, label=label)
            )
        if len(handles) > 1:
            legend(axes, handles)

    return draw(WIDTH, 3.4 + key_height([*series, *others], WIDTH), paint)


def differences(points: Sequence[Point], series: Sequence[str]) -> str:
    """Draw differences with their intervals about zero, a row for each contrast and in it a line for each subject."""
    rows = list(dict.fromkeys(point.row for point in points))
    reach = min(1.0, max([abs(bound) for p in points for bound in (p.lower, p.upper) if not isnan(bound)] or [1]) * 1.1)

    def paint(canvas: Canvas) -> None:
        axes = canvas.subplots()
        step = 0.8 / len(series)
        axes.axvline(0, color=GREY, linewidth=1)
        for point in points:
            at = rows.index(point.row) - 0.4 + step * (series.index(point.series) + 0.5)
            look = mark(series.index(point.series))
            axes.plot([point.lower, point.upper], [at, at], color=INK, linewidth=1.1)
            face = INK if look.filled else "white"
            axes.plot(point.rate, at, look.shape, color=INK, markerfacecolor=face, markersize=5.5, clip_on=False)
        axes.set_yticks(range(len(rows)), ["\n".join(map(short, row.split("\n"))) for row in rows])
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlim(-max(reach, 0.05), max(reach, 0.05))
        axes.xaxis.set_major_formatter(
            lambda value, _: f"{value * 100:+.0f}".replace("-", "\N{MINUS SIGN}").replace("+0", "0")
        )
        axes.set_xlabel("difference in percentage points")
        axes.grid(axis="x", color=PALE, linewidth=0.6)
        axes.set_axisbelow(True)
        if len(series) > 1:
            legend(axes, [_handle(name, number) for number, name in enumerate(series)])

    return draw(WIDTH, 0.95 + max(0.4, 0.17 * len(series)) * len(rows) + key_height(series, WIDTH), paint)


def stacked(rows: Mapping[str, Mapping[str, int]]) -> str:
    """Draw how many runs of each row are of each kind, as bars that hatching tells apart."""
    kinds = sorted({kind for counts in rows.values() for kind in counts})

    def paint(canvas: Canvas) -> None:
        axes = canvas.subplots()
        for at, counts in enumerate(rows.values()):
            left = 0
            for number, kind in enumerate(kinds):
                if counts.get(kind):
                    shade, hatch = SHADES[number % len(SHADES)], HATCHES[number % len(HATCHES)]
                    axes.barh(at, counts[kind], 0.62, left, color=shade, hatch=hatch, edgecolor=INK, linewidth=0.6)
                    left += counts[kind]
        axes.set_yticks(range(len(rows)), ["\n".join(map(short, row.split("\n"))) for row in rows])
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("runs")
        handles = [
            Patch(
                facecolor=SHADES[n % len(SHADES)],
                hatch=HATCHES[n % len(HATCHES)],
                edgecolor=INK,
                label=short(kind.replace("_", " ")),
            )
            for n, kind in enumerate(kinds)
        ]
        legend(axes, handles)

    tall = 0.42 if any("\n" in row for row in rows) else 0.3
    return draw(WIDTH, 0.95 + tall * len(rows) + key_height(kinds, WIDTH), paint)


def heat_map(rows: Sequence[str], columns: Sequence[str], cells: Mapping[tuple[str, str], tuple[float, int]]) -> str:
    """Draw shares as shades with their numbers; where runs are counted as marked, in a frame and with their number."""
    upright = len(columns) > SLANTED

    def paint(canvas: Canvas) -> None:
        axes = canvas.subplots()
        for (row, column), (share, marked) in cells.items():
            if isnan(share):
                continue
            x, y = columns.index(column), rows.index(row)
            dark = 0.96 - 0.66 * share
            axes.add_patch(_cell(x, y, str(round(dark, 3)), marked > 0))
            ink = "white" if dark < 0.5 else INK
            weight = "bold" if marked else "normal"
            said = f"{share * 100:.0f}{f'  ▼{marked}' if marked else ''}"
            look: dict[str, Any] = {"color": ink, "fontsize": 8.5, "weight": weight}
            axes.text(x, y, said, ha="center", va="center", **look)
        heads = ["\n".join(map(short, column.split("\n"))) for column in columns]
        axes.set_xlim(-0.5, len(columns) - 0.5)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        if upright:
            axes.set_xticks(range(len(columns)), heads, rotation=90, linespacing=1.0, fontsize=8)
        else:
            axes.set_xticks(range(len(columns)), heads, rotation=22, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(rows)), [short(row) for row in rows])
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)

    longest = max((len(short(line)) for column in columns for line in column.split("\n")), default=0)
    heads_height = 0.3 + 0.075 * longest if upright else 1.5
    return draw(min(WIDTH, 2.6 + 0.8 * len(columns)), heads_height + 0.3 * len(rows), paint)


def _cell(x: int, y: int, face: str, marked: bool) -> Patch:
    edge, width = (INK, 2.2) if marked else ("white", 1.0)
    size = 0.92 if marked else 1.0
    return Rectangle(
        (x - size / 2, y - size / 2),
        size,
        size,
        facecolor=face,
        edgecolor=edge,
        linewidth=width,
        zorder=2 if marked else 1,
    )


def claimed(points: Sequence[tuple[str, float, float]]) -> str:
    """Draw claimed against measured shares, a mark for each series; on the line a claim is right, below it too high."""
    series = list(dict.fromkeys(name for name, _, _ in points))

    def paint(canvas: Canvas) -> None:
        axes = canvas.subplots()
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=1, linestyle=(0, (4, 3)))
        for name, said, was in points:
            look = mark(series.index(name))
            face = INK if look.filled else "white"
            axes.plot(said, was, look.shape, color=INK, markerfacecolor=face, markersize=6, alpha=0.85)
        for set_limits, set_ticks in ((axes.set_xlim, axes.set_xticks), (axes.set_ylim, axes.set_yticks)):
            set_limits(-0.03, 1.03)
            set_ticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
        axes.set_xlabel("claimed in the hand-over")
        axes.set_ylabel("measured")
        axes.set_aspect("equal")
        axes.grid(color=PALE, linewidth=0.6)
        axes.set_axisbelow(True)
        legend(axes, [_handle(name, number) for number, name in enumerate(series)])

    return draw(5.6, 4.8 + key_height(series, 5.6), paint)


def contexts(chat: Sequence[Point], agentic: Sequence[Point]) -> str:
    """Draw headlines of the two contexts side by side, a row for each model; the two never share an axis."""
    rows = list(dict.fromkeys(point.row for point in (*chat, *agentic)))
    series = {side: list(dict.fromkeys(p.series for p in points)) for side, points in enumerate((chat, agentic))}

    def paint(canvas: Canvas) -> None:
        both = canvas.subplots(1, 2, sharey=True, gridspec_kw={"wspace": 0.08})
        handles: list[Line2D] = []
        for side, (axes, points, title) in enumerate(zip(both, (chat, agentic), ("Chat", "Agentic work"), strict=True)):
            known = series[side]
            for number in range(1, len(rows), 2):
                axes.axhspan(number - 0.5, number + 0.5, color="#f6f6f6", zorder=0)
            for point in points:
                if isnan(point.rate):
                    continue
                number = known.index(point.series) + (0 if side == 0 else len(series[0]))
                step = 0.7 / max(1, len(known))
                at = rows.index(point.row) - 0.35 + step * (known.index(point.series) + 0.5)
                look = mark(number)
                axes.plot([point.lower, point.upper], [at, at], color=INK, linewidth=1.1)
                face = INK if look.filled else "white"
                axes.plot(point.rate, at, look.shape, color=INK, markerfacecolor=face, markersize=5.5, clip_on=False)
            handles += [_handle(name, n + (0 if side == 0 else len(series[0]))) for n, name in enumerate(known)]
            axes.set_title(title, fontsize=9.5, loc="left")
            axes.tick_params(axis="y", length=0)
            rate_axis(axes)
        both[0].set_yticks(range(len(rows)), [short(row) for row in rows])
        both[0].set_ylim(len(rows) - 0.5, -0.5)
        legend(both[0], handles)

    most = max((len(known) for known in series.values()), default=1)
    return draw(WIDTH, 1.1 + max(0.36, 0.18 * most) * len(rows) + key_height([*series[0], *series[1]], WIDTH), paint)
