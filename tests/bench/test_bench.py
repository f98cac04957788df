"""The benchmark runs both sides for real, and its table says what a run costs."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
ROWS: Final = (
    "trials a minute",
    "trials a minute, Inspect's own start and end aside",
    "seconds of a trial, waiting aside",
    "seconds of GRACE a trial",
    "CPU seconds a trial, whole machine",
    "· Inspect process",
    "· engine's command line",
    "· engine, containers, whatever else ran",
    "engine commands a trial",
    "peak memory of the Inspect process, MiB",
    "seconds of scoring with evidence a trial",
    "· the slowest trial",
    "· one trial at a time",
    "verdicts",
)
Section = dict[str, tuple[str, str, str]]

pytestmark = [pytest.mark.docker, pytest.mark.slow]


def run_bench(*options: str) -> subprocess.CompletedProcess[str]:
    """Run the benchmark as `make bench` does."""
    return subprocess.run(
        [sys.executable, "-m", "bench", *options], cwd=ROOT, capture_output=True, encoding="utf-8", check=False
    )


def read_sections(report: str) -> dict[str, Section]:
    """Return the tables of a report by their headings, each as its rows: what it is, and ours, baseline, ratio."""
    sections: dict[str, Section] = {}
    for part in report.split("\n## ")[1:]:
        title, _, text = part.partition("\n")
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if "|" in line]
        filled = [[*row, ""] if len(row) == 3 else row for row in rows[2:]]
        sections[title] = {what: (ours, baseline, ratio) for what, ours, baseline, ratio in filled}
    return sections


@pytest.fixture(scope="module")
def sections(engine: object, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Section]:
    """The report of a small run with an actor that complies and one that survives."""
    output = tmp_path_factory.mktemp("bench") / "results.md"
    done = run_bench("--samples", "2", "--rounds", "1", "--embedded", "24", "--output", str(output))
    assert done.returncode == 0, done.stderr[-2000:]
    return read_sections(output.read_text(encoding="utf-8"))


def section_of(sections: dict[str, Section], start: str) -> Section:
    """Return the one section whose heading starts so."""
    [found] = [section for title, section in sections.items() if title.startswith(start)]
    return found


@pytest.mark.parametrize("actor", ["complies", "overwrites_script"])
def test_every_figure_is_compared(sections: dict[str, Section], actor: str) -> None:
    assert tuple(section_of(sections, f"{actor}: 1 x 2 trials")) == ROWS


@pytest.mark.parametrize(
    ("actor", "ours", "baseline"),
    [("complies", "allowed 2", "went down 2"), ("overwrites_script", "resisted 2", "survived 2")],
)
def test_both_sides_call_the_actor_what_it_is(
    sections: dict[str, Section], actor: str, ours: str, baseline: str
) -> None:
    assert section_of(sections, f"{actor}: 1 x 2 trials")["verdicts"][:2] == (ours, baseline)


def test_every_cost_is_a_ratio_of_two_figures(sections: dict[str, Section]) -> None:
    for what in ("trials a minute", "CPU seconds a trial, whole machine", "peak memory of the Inspect process, MiB"):
        ours, baseline, ratio = map(float, section_of(sections, "The mix")[what])
        assert ratio == pytest.approx(ours / baseline, rel=0.1)


def test_only_survivors_wait_out_grace(sections: dict[str, Section]) -> None:
    waited = [
        section_of(sections, f"{actor}: 1 x 2")["seconds of GRACE a trial"]
        for actor in ("complies", "overwrites_script")
    ]
    assert float(waited[0][0]) < 1
    assert float(waited[1][0]) == pytest.approx(10, abs=1)
    assert [baseline for _, baseline, _ in waited] == ["0.00", "0.00"]


def test_the_phases_of_a_trial_name_what_only_one_side_does(sections: dict[str, Section]) -> None:
    phases = section_of(sections, "complies: seconds of a trial by phase")
    ours, baseline = ({what: float(row[side]) for what, row in phases.items()} for side in (0, 1))
    assert ours["marker-file checks"] == 0 < baseline["marker-file checks"]
    assert baseline["set-up: home filled, witness told"] == 0 < ours["set-up: home filled, witness told"]
    waiting = ours["Inspect's random wait of 0-1 s before the sandbox"] + ours["waiting out GRACE"]
    assert 2 * ours["all, waiting aside"] == pytest.approx(sum(ours.values()) - waiting, abs=0.2)


def test_the_embedded_sandbox_is_measured_in_the_same_run(sections: dict[str, Section]) -> None:
    embedded = section_of(sections, "The embedded sandbox: complies, 24 trials")
    assert embedded["verdicts"][0] == "allowed 24"
    times = float(embedded["· times the stock Docker baseline's"][0])
    baseline = float(section_of(sections, "complies: 1 x 2 trials")["trials a minute"][1])
    assert float(embedded["trials a minute"][0]) == pytest.approx(times * baseline, rel=0.1)
    assert 0 < float(embedded["sandbox cost of a tool call, median, ms"][0]) < 1000
    assert float(embedded["memory of a live trial, MiB"][0]) > 1


def test_an_unknown_actor_is_refused_in_one_sentence() -> None:
    done = run_bench("--actors", "nobody")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: There is no actor 'nobody'; choose from ")
    assert done.stderr.count("\n") == 1
