"""What is drawn can stand in a page: well-formed, with ids of its own, and names from logs as letters."""

import re
from collections.abc import Callable
from math import nan
from typing import Final
from xml.etree import ElementTree

import pytest

from sabotage_evals.claims.report import plots
from sabotage_evals.claims.report.drawing import LONGEST, MARKS, short
from sabotage_evals.claims.report.plots import Point

HOSTILE = "a</text><script>$\\frac$ & \x07"
POINTS = [Point("arm", "one", 0.2, 0.1, 0.3), Point("arm", HOSTILE, nan, nan, nan), Point("b", HOSTILE, 1, 0.9, 1)]
DRAWN: Final[dict[str, Callable[[], str]]] = {
    "forest": lambda: plots.forest(POINTS, ["one", HOSTILE]),
    "ladder": lambda: plots.ladder(
        [*POINTS, Point("b", "theirs", 0.5, 0.5, 0.5, True)], ["one", HOSTILE], ["arm", "b"]
    ),
    "differences": lambda: plots.differences([Point(f"{HOSTILE}\n- b", "one", -0.2, -0.4, 0.1)], ["one"]),
    "stacked": lambda: plots.stacked({HOSTILE: {"renamed": 3, HOSTILE: 2}, "b": {"renamed": 1}}),
    "heat_map": lambda: plots.heat_map(["early exit", HOSTILE], ["one\narm"], {("early exit", "one\narm"): (0.1, 2)}),
    "claimed": lambda: plots.claimed([("one", 0.9, 0.1), (HOSTILE, 0.5, 0.5)]),
    "contexts": lambda: plots.contexts([Point("m", "chat", 0, 0, 0.1)], [Point("m", HOSTILE, 1, 0.9, 1)]),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_plot_is_well_formed_and_its_names_are_letters(name: str) -> None:
    svg = DRAWN[name]()
    ElementTree.fromstring(svg)
    assert "<script" not in svg
    assert svg.startswith("<svg")


@pytest.mark.parametrize("name", DRAWN)
def test_what_a_plot_refers_to_is_in_it(name: str) -> None:
    svg = DRAWN[name]()
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    for reference in re.findall(r'url\(#([^)]+)\)|xlink:href="#([^"]+)"', svg):
        assert "".join(reference) in ids


def test_two_plots_share_no_id() -> None:
    one, other = (set(re.findall(r'\bid="([^"]+)"', DRAWN[name]())) for name in ("forest", "ladder"))
    assert not one & other


def test_the_same_is_drawn_the_same() -> None:
    assert DRAWN["forest"]() == DRAWN["forest"]()


def test_the_words_of_a_plot_are_words() -> None:
    assert ">one</text>" in DRAWN["forest"]()


def test_only_greys_are_used() -> None:
    for make in DRAWN.values():
        for red, green, blue in re.findall(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})\b", make()):
            assert red == green == blue


def test_marks_differ_by_shape_or_filling() -> None:
    assert len({(mark.shape, mark.filled) for mark in MARKS}) == len(MARKS)


def test_long_names_are_cut_with_a_sign_that_they_are() -> None:
    assert len(short("x" * 99)) == LONGEST
    assert short("a" * 99 + "b" * 9).endswith("a" + "b" * 9)
    assert short("a" * 99 + "b" * 9).startswith("aaa")
    assert short("fits") == "fits"
