"""`docs/misalignment_agentic.md` and the schema of its evidence say what the code does, name for name.

Run as a program, this file writes the schema.
"""

import ast
import json
import re
from collections.abc import Iterator
from typing import Final

from sabotage_evals.scorers.misalignment_agentic.classify import REVIEWED_FLAGS, classify
from sabotage_evals.scorers.misalignment_agentic.evidence import EVIDENCE_KEY, JOURNAL_KEY, OFFICE_KEY, Evidence
from sabotage_evals.scorers.misalignment_agentic.keys import HEADLINE_ARM
from sabotage_evals.scorers.misalignment_agentic.outcome import Outcome, Unscored
from sabotage_evals.scorers.misalignment_agentic.report import as_score
from sabotage_evals.tasks.misalignment_agentic.arms import CORE, Arm, read_arms
from sabotage_evals.tasks.misalignment_agentic.misalignment_agentic import CONTRASTS
from sabotage_evals.tasks.misalignment_agentic.office import engine
from sabotage_evals.tasks.misalignment_agentic.office.tools import PARAMETERS
from tests.scorers.misalignment_agentic.building import Run

from .reading import DOCS, PACKAGE, first_names, names, parsed, rows, section

DOCUMENT: Final = "misalignment_agentic.md"
SCHEMA: Final = DOCS / "misalignment_agentic.evidence.schema.json"
WRITE_IT: Final = ".venv/bin/python -m tests.docs.test_misalignment_agentic"
CLASSIFY: Final = parsed(PACKAGE / "scorers/misalignment_agentic/classify.py")
FACTS: Final = parsed(PACKAGE / "scorers/misalignment_agentic/facts.py")
TABLE: Final = "The decision table of the office"
SCORE: Final = "The score of the office"
FLAGS: Final = "Flags in the office"
OUTCOMES: Final = "Outcomes in the office"


def schema() -> str:
    return json.dumps(Evidence.model_json_schema(mode="serialization"), indent=2) + "\n"


def test_the_schema_is_that_of_the_evidence() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == schema(), (
        f"The evidence has changed its shape, and {SCHEMA.name} has not. Write it again with `{WRITE_IT}`, and raise "
        "Evidence.version where old logs cannot be read any more."
    )


def arm_as_told(arm: Arm) -> list[str]:
    """Return the cells of an arm's row that its front matter decides."""
    published = arm.published and f"{arm.published.study.split()[0]}: {arm.published.condition}"
    contrasts = (f"`{each.other}` ({', '.join(each.parts)})" for each in arm.contrasts)
    core = " *" if arm.arm in CORE else ""
    twin = "yes" if arm.twin else "no"
    return [f"`{arm.arm}`{core}", twin, arm.records, published or "none", "; ".join(contrasts) or "none"]


def test_every_arm_is_told_as_its_front_matter_has_it() -> None:
    told = {names(row[0])[0]: [row[0], *row[2:]] for row in rows(DOCUMENT, "The arms")}
    assert told == {name: arm_as_told(arm) for name, arm in read_arms().by_name.items()}


def test_the_arm_of_the_headline_and_the_primary_contrast_are_told() -> None:
    [headline] = [names(row[0])[0] for row in rows(DOCUMENT, "The arms") if "**The arm of the headline**" in row[1]]
    assert headline == HEADLINE_ARM
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


def test_every_outcome_and_every_reason_is_told() -> None:
    assert first_names(DOCUMENT, OUTCOMES) == list(Outcome)
    assert first_names(DOCUMENT, OUTCOMES, table=1) == list(Unscored)


def verdicts_of_the_code() -> Iterator[tuple[int, set[str]]]:
    """Read from `classify` which outcomes and reasons each row can end in; a call stands for what it returns."""
    kinds: dict[str, type[Outcome] | type[Unscored]] = {"Outcome": Outcome, "Unscored": Unscored}

    def named(node: ast.AST) -> set[str]:
        found = [each for each in ast.walk(node) if isinstance(each, ast.Attribute)]
        return {str(kinds[kind][each.attr]) for each in found if (kind := ast.unparse(each.value)) in kinds}

    functions = {node.name: named(node) for node in ast.walk(CLASSIFY) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(CLASSIFY):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "_verdict":
            row, outcome = node.args[:2]
            called = functions.get(ast.unparse(outcome.func), set()) if isinstance(outcome, ast.Call) else set()
            yield int(ast.literal_eval(row)), named(outcome) or called


def test_every_row_of_the_table_names_the_outcomes_that_the_code_gives_there() -> None:
    told = {int(row[0]): set(names(row[2])) for row in rows(DOCUMENT, TABLE)}
    given: dict[int, set[str]] = {}
    for row, outcomes in verdicts_of_the_code():
        given.setdefault(row, set()).update(outcomes)
    assert told == given
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
    assert {names(row[0])[0] for row in rows(DOCUMENT, FLAGS) if row[0].endswith("*")} == REVIEWED_FLAGS


def test_the_readme_counts_the_samples_and_names_every_arm() -> None:
    folder = PACKAGE / "tasks/misalignment_agentic"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    arms = read_arms()
    samples = sum(len(arms.wordings(name)) for name in CORE)
    assert f"{samples} samples" in readme
    assert f"dataset_samples: {samples}\n" in (folder / "eval.yaml").read_text(encoding="utf-8")
    assert {name for name in re.findall(r"^\| `(\w+)`", readme, re.MULTILINE)} >= set(arms.by_name)


if __name__ == "__main__":
    SCHEMA.write_text(schema(), encoding="utf-8")
