"""A report is a page that needs nothing else, the same in Markdown and numbers, and is made of any folder."""

import csv
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from inspect_ai.model import GenerateConfig

from sabotage_evals.claims.report import report
from sabotage_evals.design import Contrast, Design, Headline, Rate
from sabotage_evals.refusal import Refusal
from tests.claims.made_logs import Truth, draw_shutdown, make_sample, write_log
from tests.claims.report.building import add_shutdown
from tests.claims.report.conftest import Made

EXAMPLES = Path(__file__).parents[3] / "logs"
SCRIPT = "<script>alert(1)</script>"
IMAGE = "<img src=x onerror=alert(2)>"


class Reader(HTMLParser):
    """Collects tags, their attributes, and ids."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, attribute: str) -> list[str]:
        return [value for _, attributes in self.tags if (value := attributes.get(attribute)) is not None]


def page(made: Made) -> str:
    return (made.output / "index.html").read_text(encoding="utf-8")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_page_needs_nothing_but_itself(whole: Made) -> None:
    text = page(whole)
    tags = Reader(text)
    assert not [tag for tag, _ in tags.tags if tag in {"script", "link", "img", "iframe", "object"}]
    assert tags.all("src") == []
    assert not re.search(r"url\((?!#)|@import", text)
    assert "default-src 'none'" in text


def test_every_link_within_the_page_and_beside_it_leads_somewhere(whole: Made) -> None:
    tags = Reader(page(whole))
    ids = tags.all("id")
    assert len(ids) == len(set(ids))
    for link in tags.all("href"):
        if link.startswith("#"):
            assert link[1:] in ids
        elif not link.startswith("http://127.0.0.1:7575/#/logs/"):
            assert (whole.output / link).is_file()


def test_the_first_screen_says_what_was_run_how_much_was_scored_the_headlines_and_the_contrasts(whole: Made) -> None:
    first = page(whole).split('<section id="')[1]
    places = [
        first.index(title) for title in ("What was run", "Headlines: agentic work", "Headlines: chat", "Planned c")
    ]
    assert places == sorted(places)
    assert "cut off" in first
    assert "no headline" in first


def test_every_plot_has_its_numbers_and_a_file_of_its_own(whole: Made) -> None:
    text = page(whole)
    figures = re.findall(r"<figure.*?</figure>", text, re.DOTALL)
    assert len(figures) == len(list((whole.output / "plots").glob("*.svg"))) >= 8
    for figure in figures:
        assert "<svg" in figure
        assert "<table>" in figure


def test_every_table_of_the_page_is_a_file(whole: Made) -> None:
    named = {link for link in Reader(page(whole)).all("href") if link.startswith("tables/")}
    assert named == {f"tables/{path.name}" for path in (whole.output / "tables").iterdir()}


def test_all_runs_are_in_their_file_and_none_is_left_out(whole: Made) -> None:
    runs = rows(whole.output / "runs.csv")
    assert len(runs) == len(whole.reading.frame) == sum(log.planned for log in whole.reading.logs)
    assert sum(run["covered"] == "True" for run in runs) == whole.reading.frame["covered"].sum()
    assert all(run["link"].startswith("http://127.0.0.1:7575/#/logs/") for run in runs)


def test_counts_of_outcomes_add_up_to_the_runs(whole: Made) -> None:
    table = rows(whole.output / "tables" / "shutdown_outcomes.csv")
    counts = [
        int(cell) for row in table for name, cell in row.items() if name not in {"Model", "Arm"} and cell.isdigit()
    ]
    assert sum(counts) == sum(len(each.frame) for each in whole.findings.of("shutdown"))


def test_the_same_stands_in_markdown(whole: Made) -> None:
    text = (whole.output / "report.md").read_text(encoding="utf-8")
    for heading in ("## At a glance", "### Planned contrasts", "## shutdown", "## Instrument health", "## Methods"):
        assert heading in text
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert len(tables) > 50
    for image in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text):
        assert (whole.output / image).is_file()


def test_what_cannot_be_read_is_named_on_the_page(whole: Made) -> None:
    assert "broken.eval" in page(whole)


def test_names_out_of_logs_are_text_and_nothing_else(tmp_path: Path) -> None:
    arm, other = f"arm{SCRIPT}", "b|*_`[x](http://x)"
    key = f"key{IMAGE} $\\frac$"
    design = Design(
        scenario=f"../evil{SCRIPT}",
        headline=Headline(key=key, arm=arm),
        rates=(Rate(key=key, title=f"title{SCRIPT}"),),
        contrasts=(Contrast(arm=arm, other=other, key=key, primary=True),),
        arms={arm: IMAGE, other: "$x^$"},
    )
    value = {"outcome": SCRIPT, "route": f"route{IMAGE}", "flags": IMAGE, "headline": "yes", "needs_review": 1.0}
    runs = [
        make_sample(name, f"w{n}", f'=cmd|"{SCRIPT}" ?#%', 1, 1, value | {key: float(n > 4), "covered": 1.0}, "s", 1)
        for name in design.arms
        for n in range(1, 9)
    ]
    runs.append(make_sample(arm, "w9", "x", 1, 1, {"outcome": IMAGE, "covered": 0.0}, "s", 1))
    truth = Truth(f"evil/{IMAGE}", {}, config=GenerateConfig(stop_seqs=[SCRIPT]), sandbox=SCRIPT)
    write_log(tmp_path / "logs", "x", truth, runs, design=design, solver=SCRIPT)
    out = tmp_path / "out"
    assert report(tmp_path / "logs", out) == 0
    for path in (path for ending in ("html", "svg", "md") for path in out.rglob(f"*.{ending}")):
        text = path.read_text(encoding="utf-8")
        assert "<script" not in text
        assert "<img" not in text
    tags = Reader((out / "index.html").read_text(encoding="utf-8"))
    assert not [name for _, attributes in tags.tags for name in attributes if name.startswith("on")]
    beginnings = ("#", "http://127.0.0.1:7575/#/logs/", "tables/", "runs.csv", "report.md")
    assert all(link.startswith(beginnings) for link in tags.all("href"))
    assert {path.name for path in tmp_path.iterdir()} == {"logs", "out"}
    for run in rows(out / "runs.csv"):
        assert not any(str(cell).startswith(("=", "@", "+")) for cell in run.values())


def test_the_example_logs_make_a_report(tmp_path: Path) -> None:
    assert report(EXAMPLES, tmp_path) == 0
    assert "shutdown" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_logs_of_before_there_were_designs_make_a_report(tmp_path: Path) -> None:
    runs = list(draw_shutdown(Truth("m", {"unmentioned": 0.5}), 2, ["sums"], 1, 1, "x", 1))
    write_log(tmp_path / "logs", "x", Truth("m", {}), runs, design=None)
    assert report(tmp_path / "logs", tmp_path / "out") == 0
    assert "read off its scores" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


def test_a_report_is_made_over_an_older_one(tmp_path: Path) -> None:
    add_shutdown(tmp_path / "logs", wordings=1)
    report(tmp_path / "logs", tmp_path / "out")
    (tmp_path / "out" / "tables" / "old.csv").write_text("x", encoding="utf-8")
    report(tmp_path / "logs", tmp_path / "out")
    assert not (tmp_path / "out" / "tables" / "old.csv").exists()


def test_an_output_that_is_a_file_is_refused(tmp_path: Path) -> None:
    add_shutdown(tmp_path / "logs", wordings=1)
    (tmp_path / "out").write_text("x", encoding="utf-8")
    with pytest.raises(Refusal, match="is a file"):
        report(tmp_path / "logs", tmp_path / "out")


def test_the_console_says_the_headlines_and_where_the_page_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_shutdown(tmp_path / "logs", wordings=1)
    report(tmp_path / "logs", tmp_path / "out")
    said = capsys.readouterr().out
    assert "1 model in 1 scenario, from 1 log" in said
    assert "no headline" in said
    assert "index.html" in said


def test_logs_that_hold_nothing_of_ours_make_a_page_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "x.eval").write_bytes(b"no log")
    assert report(tmp_path / "logs", tmp_path / "out") == 0
    assert "x.eval" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
