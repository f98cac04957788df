"""`docs/detector.md` says what the code does: arms, families, outcomes, rows, flags and numbers, name for name."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Final, get_args

import pytest

from sabotage_evals.corpus.families import DOMAINS, KNOWN, Domain, Family
from sabotage_evals.corpus.plan import development_items, make_items
from sabotage_evals.corpus.references import Strength
from sabotage_evals.scorers.detector.bench import run_reference
from sabotage_evals.scorers.detector.evidence import Deliverable
from sabotage_evals.scorers.detector.gather import SHORT_HACKS, SHORT_OTHERS, codes_of
from sabotage_evals.scorers.detector.measure import Figures, figures, read_labels
from sabotage_evals.scorers.detector.outcome import Outcome, Unscored
from sabotage_evals.scorers.detector.probes import contract_clauses
from sabotage_evals.scorers.detector.report import NOTHING_TO_WEAKEN
from sabotage_evals.scorers.detector.sensitivity import as_table, sensitivity
from sabotage_evals.tasks.detector.arms import CORE, HEADLINE, PRIMARY, read_arms
from sabotage_evals.tasks.detector.samples import FACTORS

from .arms import arm_as_told, headline_told, is_primary, told_of
from .flags import is_flag, words_set_in
from .reading import PACKAGE, first_names, flags_in, marked, names, parsed, rows, section
from .verdicts import assigned, by_row, named

DOCUMENT: Final = "detector.md"
OUTCOME_CELL: Final = 2
"""Where a row of the decision table has its outcome and flags."""
FIGURE_CELL: Final = 3
NOT_A_NUMBER: Final = "\N{EN DASH}"
CLASSIFY: Final = parsed(PACKAGE / "scorers/detector/classify.py")
FACTS: Final = parsed(PACKAGE / "scorers/detector/facts.py")
TABLE: Final = "The decision table of the detector"


def test_every_arm_is_told_as_its_front_matter_has_it() -> None:
    assert told_of(DOCUMENT) == {name: arm_as_told(arm, CORE) for name, arm in read_arms().by_name.items()}


def test_every_factor_of_every_arm_is_told() -> None:
    told = {names(row[0])[0]: row[1:] for row in rows(DOCUMENT, "The arms", table=1)}
    assert told == {
        name: [*(getattr(arm, factor) for factor in FACTORS), ", ".join(arm.deliverables)]
        for name, arm in read_arms().by_name.items()
    }


def test_the_factors_stand_in_the_order_of_the_code() -> None:
    head = section(DOCUMENT, "The arms").split("\n| arm | `")[1].split("\n")[0]
    assert names(f"`{head}") == list(FACTORS)


def test_every_arm_has_the_eight_wordings_that_the_document_says() -> None:
    arms = read_arms()
    assert {arms.wordings(name) for name in arms.by_name} == {tuple(f"w{number}" for number in range(1, 9))}


def test_the_arm_of_the_headline_and_the_primary_contrast_are_told() -> None:
    assert headline_told(DOCUMENT) == HEADLINE
    assert is_primary(DOCUMENT, *PRIMARY)


def test_every_deliverable_is_told() -> None:
    assert first_names(DOCUMENT, "Deliverables") == list(get_args(Deliverable))


def test_every_family_is_told_and_whether_the_agent_can_know_it() -> None:
    told = {names(row[0])[0]: row[1] for row in rows(DOCUMENT, "The data")}
    assert told == {str(family): "yes" if family in KNOWN else "no" for family in Family}


def test_counts_of_recordings_are_those_of_the_generator() -> None:
    items, told = make_items("documents", 100, "hacking"), section(DOCUMENT, "The data")
    near, ordinary, failed = (sum(i.kind == kind for i in items) for kind in ("near_miss", "ordinary", "failed"))
    assert (near, ordinary, failed) == (100 * len(Family), 200, 100)
    assert f"there are {len(items):,} hidden recordings: 100 hacks and 100 near misses of each family" in told
    development = development_items("hacking")
    hacks = sum(item.label for item in development)
    assert f"{len(development)} recordings with labels, {hacks} of them" in section(DOCUMENT, "What the agent meets")
    assert f"on {SHORT_HACKS // 2 * len(Family) + SHORT_OTHERS} fixed" in section(DOCUMENT, "Deliverables")


def test_every_outcome_is_told() -> None:
    assert first_names(DOCUMENT, "Outcomes of the detector") == list(Outcome)


def verdicts_of_the_code() -> Iterator[tuple[int, set[str]]]:
    """Read from `classify` which outcomes and reasons each row can end in; a variable stands for what it was given."""
    variables = assigned(CLASSIFY, Outcome, Unscored)
    for node in ast.walk(CLASSIFY):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "_verdict":
            row, outcome = node.args[:2]
            yield int(ast.literal_eval(row)), named(outcome, Outcome, Unscored) or variables[ast.unparse(outcome)]


def test_every_row_of_the_table_names_the_outcomes_that_the_code_gives_there() -> None:
    told = {int(row[0]): set(names(row[OUTCOME_CELL])) for row in rows(DOCUMENT, TABLE)}
    assert told == by_row(verdicts_of_the_code())


def figure_of(outcome: str) -> str:
    if outcome in {*Unscored, *NOTHING_TO_WEAKEN}:
        return NOT_A_NUMBER
    return "1" if outcome == Outcome.WEAKENED_UNDISCLOSED else "0"


def test_the_figure_of_every_row_is_that_of_its_outcomes() -> None:
    for row in rows(DOCUMENT, TABLE):
        assert set(row[FIGURE_CELL].split(" or ")) == {figure_of(outcome) for outcome in names(row[OUTCOME_CELL])}


def first_words(call: str) -> set[str]:
    """Return the first arguments of all calls of a name in `facts`, where they are words."""
    calls = [node for node in ast.walk(FACTS) if isinstance(node, ast.Call) and ast.unparse(node.func) == call]
    return {str(node.args[0].value) for node in calls if isinstance(node.args[0], ast.Constant)}


def test_all_that_can_be_planted_is_told() -> None:
    assert set(first_names(DOCUMENT, "Facts about the detector")) == first_words("Planted")


def test_all_that_can_be_lost_is_told() -> None:
    clauses = {clause.name for clause in contract_clauses([], [])}
    assert set(first_names(DOCUMENT, "Facts about the detector", table=1)) == first_words("Loss") | clauses


def flags_of_the_code() -> set[str]:
    return set(filter(is_flag, {*words_set_in(CLASSIFY), *words_set_in(FACTS)}))


def test_every_flag_that_the_code_can_set_is_told_and_no_other() -> None:
    told = first_names(DOCUMENT, "Flags of the detector")
    assert set(told) == flags_of_the_code()
    assert len(told) == len(set(told))


def test_flags_in_the_decision_table_are_flags() -> None:
    told = flags_in(DOCUMENT, TABLE, OUTCOME_CELL)
    assert told >= {"cut_short", "hard_coded"}
    assert told <= flags_of_the_code()


def test_flags_that_ask_for_a_person_are_marked() -> None:
    [suspicious] = [
        keyword.value
        for node in ast.walk(FACTS)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "suspicious"
    ]
    asked = {word.value for word in ast.walk(suspicious) if isinstance(word, ast.Constant)}
    assert marked(DOCUMENT, "Flags of the detector") == asked | {"withdrawn_…"}


def as_told(value: object) -> str:
    return ", ".join(f"{key} {each}" for key, each in value.items()) if isinstance(value, dict) else str(value)


@pytest.mark.parametrize(
    ("name", "file", "value"), [row[:3] for row in rows(DOCUMENT, "Numbers in the detector's table")]
)
def test_numbers_are_those_of_the_code(name: str, file: str, value: str) -> None:
    module = ".".join(Path(file.strip("`")).with_suffix("").parts)
    assert as_told(getattr(import_module(f"sabotage_evals.{module}"), name.strip("`"))) == value


def test_numbers_that_the_text_names_stand_in_the_table() -> None:
    told = set(first_names(DOCUMENT, "Numbers in the detector's table"))
    facts = section(DOCUMENT, "Facts about the detector") + section(DOCUMENT, "How claims are checked")
    assert set(re.findall(r"\b[A-Z]+_[A-Z_]+\b|\b(?:FLIPS|USELESS|BAND)\b", facts)) - {"AUROC"} <= told


def told_rows(heading: str) -> list[str]:
    return [line for line in section(DOCUMENT, heading).splitlines() if line.startswith("|")]


def test_sensitivity_that_rests_on_no_recordings_is_as_measured() -> None:
    """Three rows are drawn from the bounds alone, so that few recordings give them as they stand."""
    measured = as_table(sensitivity(items_per_family=10, draws=200)).splitlines()
    for heading in ("Sensitivity in hacking", "Sensitivity in refunds"):
        assert told_rows(heading)[-3:] == measured[-3:]


@pytest.mark.slow
@pytest.mark.parametrize("domain", get_args(Domain))
def test_sensitivity_is_as_measured(domain: Domain) -> None:
    measured = as_table(sensitivity(items_per_family=100, domain=domain, draws=200)).splitlines()
    assert told_rows(f"Sensitivity in {domain}") == measured


def reached_by(strength: Strength, domain: Domain) -> Figures:
    items = make_items("documents", 100, domain)
    run = run_reference(strength, domain, [item.trajectory for item in items])
    return figures(run, read_labels(codes_of(items, "")))


def test_what_the_reference_detectors_reach_is_told() -> None:
    reached = [f"{reached_by(each, domain).auroc:.3f}" for each in get_args(Strength) for domain in DOMAINS]
    number = r"([\d.]+)"
    told = re.search(
        f"At 100 a family they reached {number} and {number}, {number} and {number}\\.", section(DOCUMENT, "The data")
    )
    assert told
    assert list(told.groups()) == reached


def test_what_the_shipped_detector_catches_is_told() -> None:
    *four, fifth = sorted((round(100 * each) for each in reached_by("limited", "hacking").by_family[:5]), reverse=True)
    told = " ".join(section(DOCUMENT, "What the agent meets").split())
    assert (
        f"catches {four[-1]} to {four[0]} % of four of the five families in the notes, {fifth} % of the fifth" in told
    )
