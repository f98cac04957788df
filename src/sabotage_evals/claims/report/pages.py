"""The pages of a report: its sections in order, as one HTML file and as Markdown."""

import re
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from sabotage_evals.claims.frames import Reading
from sabotage_evals.claims.planned import Standing
from sabotage_evals.claims.report import details, drawn, families, health, overview, people
from sabotage_evals.claims.report.findings import Findings
from sabotage_evals.claims.report.links import SERVED
from sabotage_evals.claims.report.published import read_published
from sabotage_evals.claims.report.runs import run_lists
from sabotage_evals.claims.report.sheets import Cell, Figure, RunList, Section, Table
from sabotage_evals.claims.report.words import count, percent
from sabotage_evals.claims.review import read_review
from sabotage_evals.claims.statistics import sources

TEMPLATES: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Page:
    """All that the page says."""

    title: str
    folder: str
    made: str
    short: str
    package: str
    bundled: bool
    sections: tuple[Section, ...]

    @property
    def tables(self) -> list[Table]:
        """Every table, those of figures included."""
        parts = [part for section in self.sections for part in section.parts]
        return [part.table if isinstance(part, Figure) else part for part in parts if not isinstance(part, RunList)]

    @property
    def figures(self) -> list[Figure]:
        """Every plot."""
        return [part for section in self.sections for part in section.parts if isinstance(part, Figure)]


def compose(reading: Reading, findings: Findings, base: str, made: str, *, bundled: bool) -> Page:
    """Put the findings into sections."""
    sections = [_first(findings)]
    means = families.family_means(reading, findings)
    studies = read_published()
    for scenario in findings.scenarios:
        parts: list[Table | Figure | RunList] = [*drawn.forests(findings, scenario)]
        parts += drawn.ladders(findings, scenario, studies)
        parts += drawn.contrast_plots(findings, scenario)
        parts += drawn.kind_plots(findings, scenario, reading.word_keys.get(scenario, ()))
        parts += drawn.family_plots([mean for mean in means if mean.subject.scenario == scenario])
        parts += details.published(findings, scenario, studies)
        parts += [details.rates(findings, scenario), details.outcomes(findings, scenario)]
        sections.append(Section(f"scenario-{findings.scenarios.index(scenario) + 1}", scenario, (), tuple(parts)))
    context = drawn.context_plot(findings)
    if context is not None:
        sections.append(Section("contexts", "Chat and agentic work", (), (context,)))
    sections += [_plan(findings), _health(reading, findings)]
    sections += [
        _people(reading, findings),
        _runs(findings, base, bundled=bundled),
        _files(reading),
        _methods(reading, findings),
    ]
    return Page(
        title="What these runs show",
        folder=reading.folder.name or str(reading.folder),
        made=made,
        short=overview.in_short(findings),
        package=version("sabotage-evals"),
        bundled=bundled,
        sections=tuple(section for section in sections if section.parts or section.text),
    )


def _first(findings: Findings) -> Section:
    headlines = [overview.headlines(findings, context) for context in overview.CONTEXTS]
    planned, exploratory = (overview.contrasts(findings, planned=planned) for planned in (True, False))
    parts = (overview.what_was_run(findings), *headlines, planned, overview.claims(findings), exploratory)
    said = overview.passed_over(findings)
    return Section("overview", "At a glance", said, tuple(part for part in parts if part is not None))


def _plan(findings: Findings) -> Section:
    plan, stamp = findings.plan
    source = "was given to this report" if findings.own_plan else "ships with the package"
    about = f"The plan “{plan.name}” {source} (SHA-256 {stamp.sha256[:12]}). {plan.about}".strip()
    rule = (
        "A contrast counts as planned if it stands in the plan and the logs bear the plan's hash, or if the task "
        "itself declares it as its primary one; all else is exploratory. Planned hypotheses are corrected together by "
        "family (Holm), over all models of this report; exploratory contrasts form one family in each scenario."
    )
    rows = []
    missing = {hypothesis.name: why for hypothesis, why in findings.untested}
    for hypothesis in plan.hypotheses:
        arms = hypothesis.arm if hypothesis.other is None else f"{hypothesis.arm} minus {hypothesis.other}"
        if hypothesis.threshold is not None:
            arms = f"{arms} {hypothesis.threshold.side} {percent(hypothesis.threshold.rate)}"
        said = (
            [f"not tested: {missing[hypothesis.name]}"]
            if hypothesis.name in missing
            else _verdicts(findings, hypothesis.name)
        )
        rows.append(
            tuple(map(Cell, (hypothesis.name, hypothesis.claim, f"{arms} on {hypothesis.key}", "; ".join(said))))
        )
    table = Table(
        "plan", "What was planned, and what became of it", ("Hypothesis", "Claim", "Tested as", "Result"), tuple(rows)
    )
    return Section("plan", "Planned and exploratory", (about, rule), (table,))


def _verdicts(findings: Findings, name: str) -> list[str]:
    hypothesis = next(each for each in findings.plan.plan.hypotheses if each.name == name)
    verdicts: list[str] = []
    if hypothesis.threshold is not None:
        held = [claim for claim in findings.claims if claim.hypothesis.name == name]
        return [f"{claim.subject.label}: {overview.verdict(claim)}{_unproven(claim.standing)}" for claim in held]
    for each in findings.comparisons:
        if each.standing.hypothesis is not None and each.standing.hypothesis.name == name:
            is_found = each.adjusted is not None and each.adjusted.found
            said = "no contrast" if each.difference is None else f"{'a' if is_found else 'no'} difference was found"
            verdicts.append(f"{each.subject.label}: {said}{_unproven(each.standing)}")
    return verdicts


def _unproven(standing: Standing) -> str:
    return "" if standing.proven else " (exploratory)"


def _health(reading: Reading, findings: Findings) -> Section:
    parts = (health.instrument_health(findings), health.stops(findings), health.flags(findings))
    return Section("health", "Instrument health", (), tuple(part for part in parts if part is not None))


def _people(reading: Reading, findings: Findings) -> Section:
    parts = (people.reviews(reading), people.splits(findings))
    return Section("people", "People's eyes, and scans", (), tuple(part for part in parts if part is not None))


def _runs(findings: Findings, base: str, *, bundled: bool) -> Section:
    where = (
        "Each link opens the transcript in the viewer beside this page; the folder must be served for that, as by "
        "python -m http.server."
        if bundled
        else f"Each link opens the transcript in Inspect's viewer at {SERVED}: start it with inspect view --log-dir "
        "and the folder of the logs."
    )
    lists = [each for scenario in findings.scenarios for each in run_lists(findings, scenario, base)]
    text = (
        where,
        "The first runs of each kind stand here; runs.csv beside this page has all of them, with their links.",
    )
    return Section("runs", "The runs behind the figures", text, tuple(lists))


def _files(reading: Reading) -> Section:
    parts = (health.left_out(reading), health.repeated(reading), health.logs(reading))
    said = () if reading.left_out else ("Every log of the folder was read.",)
    return Section("files", "Files", said, tuple(part for part in parts if part is not None))


def _methods(reading: Reading, findings: Findings) -> Section:
    used = {each.rate.method for each in findings.rates}
    for each in findings.comparisons:
        if each.difference is not None:
            used |= {each.difference.method, each.difference.test}
    used |= {claim.test.test for claim in findings.claims if claim.test is not None}
    if any(each.rate.zero_bound is not None for each in findings.rates):
        used.add("zero")
    if any(each.adjusted for each in findings.comparisons) or any(each.adjusted for each in findings.claims):
        used.add("holm")
    if any(review.rates for review in read_review(reading.folder)):
        used.add("two_phase")
    known = sources()
    rows = [
        tuple(map(Cell, (name, known[name].title, known[name].citation, known[name].software)))
        for name in [*(name for name in known if name in used), *(name for name in known if name not in used)]
    ]
    text = (
        "The unit is a wording, a kind of work (or a question) and a seed; epochs are nested in it. Runs of a wording "
        "hang together, in chats those of a question. With eight of them or more an interval speaks about wordings, or "
        "questions, like these; with fewer about these alone. Nothing is averaged over arms, and chat and agentic work "
        "are never averaged.",
        f"Of these {count(len(known), 'method')}, {len(used & known.keys())} were used here; they stand first.",
    )
    table = Table("methods", "Methods and their sources", ("Name", "Method", "Source", "Reckoned by"), tuple(rows))
    return Section("methods", "Methods", text, (table,))


def as_html(page: Page) -> str:
    """Return the page as one HTML file that needs nothing else."""
    environment = _environment(autoescape=True)
    environment.filters["breakable"] = breakable
    return environment.get_template("page.html.j2").render(
        page=page, style=Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")), is_figure=_is_figure,
        is_runs=_is_runs, svg=Markup,
    )  # fmt: skip


def breakable(text: str) -> Markup:
    """Let a line break after the underscores and slashes of a name, and nowhere else in it."""
    return Markup(re.sub(r"(?<=[_/])(?=\w)", "<wbr>", str(escape(text))))


def as_markdown(page: Page) -> str:
    """Return the same as Markdown; plots are files beside it."""
    environment = _environment(autoescape=False)
    environment.filters["plain"] = plain_text
    text = environment.get_template("page.md.j2").render(page=page, is_figure=_is_figure, is_runs=_is_runs)
    return f"{text.strip()}\n"


def _environment(*, autoescape: bool) -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _is_figure(part: object) -> bool:
    return isinstance(part, Figure)


def _is_runs(part: object) -> bool:
    return isinstance(part, RunList)


SPECIAL: Final = "\\`*_[]<>|#!&~$"
"""What Markdown, or HTML in it, would take for more than a letter."""


def plain_text(text: str) -> str:
    """Escape a text so that Markdown shows its letters and nothing else, on one line of a table."""
    escaped = "".join(f"\\{letter}" if letter in SPECIAL else letter for letter in " ".join(text.split()))
    return escaped.replace("\\<", "&lt;").replace("\\>", "&gt;").replace("\\&", "&amp;")
