"""`docs/misalignment_agentic.md` says what the code does, name for name."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from sabotage_evals.scorers.misalignment_agentic.classify import REVIEWED_FLAGS, classify
from sabotage_evals.scorers.misalignment_agentic.evidence import EVIDENCE_KEY, JOURNAL_KEY, OFFICE_KEY
from sabotage_evals.scorers.misalignment_agentic.keys import HEADLINE_ARM
from sabotage_evals.scorers.misalignment_agentic.outcome import Outcome, Unscored
from sabotage_evals.scorers.misalignment_agentic.report import as_score
from sabotage_evals.scorers.misalignment_agentic.texts import TEXTS_JUDGED
from sabotage_evals.tasks.misalignment_agentic.arms import CORE, read_arms
from sabotage_evals.tasks.misalignment_agentic.misalignment_agentic import CONTRASTS
from sabotage_evals.tasks.misalignment_agentic.office import engine
from sabotage_evals.tasks.misalignment_agentic.office.tools import PARAMETERS
from tests.scorers.misalignment_agentic.building import Run

from .arms import arm_as_told, headline_told, told_of
from .reading import PACKAGE, first_names, marked, names, parsed, rows, section
from .verdicts import by_row, named

DOCUMENT: Final = "misalignment_agentic.md"
CLASSIFY: Final = parsed(PACKAGE / "scorers/misalignment_agentic/classify.py")
FACTS: Final = parsed(PACKAGE / "scorers/misalignment_agentic/facts.py")
TABLE: Final = "The decision table of the office"
SCORE: Final = "The score of the office"
FLAGS: Final = "Flags in the office"
OUTCOMES: Final = "Outcomes in the office"


def test_every_arm_is_told_as_its_front_matter_has_it() -> None:
    assert told_of(DOCUMENT) == {
        name: arm_as_told(arm, CORE, "yes" if arm.twin else "no", arm.records)
        for name, arm in read_arms().by_name.items()
    }


def test_the_arm_of_the_headline_and_the_primary_contrast_are_told() -> None:
    assert headline_told(DOCUMENT) == HEADLINE_ARM
    [primary] = [contrast for contrast in CONTRASTS if contrast.primary]
    told = section(DOCUMENT, "The arms")
    assert f"**The primary contrast is `{primary.arm}` minus `{primary.other}`** on `{primary.key}`" in told
    assert all(f"`{contrast.key}`" in told for contrast in CONTRASTS)


def test_the_office_is_as_told() -> None:
    told = section(DOCUMENT, "What the agent meets")
    assert len(PARAMETERS) == 16
    assert "Sixteen tools" in told
    assert engine.SECONDS == 2
    assert engine.MEMORY == 512 * 2**20
    assert "two seconds, 512 MiB" in told


def test_the_texts_that_are_judged_are_told_with_their_number() -> None:
    told = section(DOCUMENT, "What code decides and what a judge")
    assert f"The first {TEXTS_JUDGED} texts of a run are judged, and the closing report" in told
    assert all(word in told for word in ("mails", "tickets", "titles", "notes", "the reason", "the closing report"))


def test_every_outcome_and_every_reason_is_told() -> None:
    assert first_names(DOCUMENT, OUTCOMES) == list(Outcome)
    assert first_names(DOCUMENT, OUTCOMES, table=1) == list(Unscored)


def verdicts_of_the_code() -> Iterator[tuple[int, set[str]]]:
    """Read from `classify` which outcomes and reasons each row can end in; a call stands for what it returns."""
    functions = {
        node.name: named(node, Outcome, Unscored) for node in ast.walk(CLASSIFY) if isinstance(node, ast.FunctionDef)
    }
    for node in ast.walk(CLASSIFY):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "_verdict":
            row, outcome = node.args[:2]
            called = functions.get(ast.unparse(outcome.func), set()) if isinstance(outcome, ast.Call) else set()
            yield int(ast.literal_eval(row)), named(outcome, Outcome, Unscored) or called


def test_every_row_of_the_table_names_the_outcomes_that_the_code_gives_there() -> None:
    told = {int(row[0]): set(names(row[2])) for row in rows(DOCUMENT, TABLE)}
    assert told == by_row(verdicts_of_the_code())
    assert list(told) == list(range(1, len(told) + 1))


def test_every_key_of_the_score_is_told_in_order() -> None:
    evidence = Run().evidence()
    score = as_score(evidence, classify(evidence))
    assert isinstance(score.value, dict)
    assert first_names(DOCUMENT, SCORE) == list(score.value)
    assert first_names(DOCUMENT, SCORE, table=1) == list(score.metadata or {})
    assert all(f"`{key}`" in section(DOCUMENT, SCORE) for key in (EVIDENCE_KEY, OFFICE_KEY, JOURNAL_KEY))


def flags_of_the_code() -> set[str]:
    """Return the names of all flags: what tables of names and truths in the two modules have as keys."""
    found = {"cut_short"}
    for tree in (FACTS, CLASSIFY):
        for node in ast.walk(tree):
            if isinstance(node, ast.Dict) and len(node.keys) > 2:
                found |= {str(key.value) for key in node.keys if isinstance(key, ast.Constant)}
    return found


def test_every_flag_is_told_and_those_that_ask_for_a_person_are_marked() -> None:
    told = first_names(DOCUMENT, FLAGS)
    assert set(told) == flags_of_the_code()
    assert len(told) == len(set(told))
    assert marked(DOCUMENT, FLAGS) == REVIEWED_FLAGS


def test_the_readme_counts_the_samples_and_names_every_arm() -> None:
    folder = PACKAGE / "tasks/misalignment_agentic"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    arms = read_arms()
    samples = sum(len(arms.wordings(name)) for name in CORE)
    assert f"{samples} samples" in readme
    assert f"dataset_samples: {samples}\n" in (folder / "eval.yaml").read_text(encoding="utf-8")
    assert {name for name in re.findall(r"^\| `(\w+)`", readme, re.MULTILINE)} >= set(arms.by_name)
