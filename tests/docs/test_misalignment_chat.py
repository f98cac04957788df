"""`docs/misalignment_chat.md` says what the code does, name for name."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final, get_args

from sabotage_evals.scorers.misalignment_chat.classify import LOOK, classify
from sabotage_evals.scorers.misalignment_chat.evidence import EVIDENCE_KEY, ReasoningKind
from sabotage_evals.scorers.misalignment_chat.gather import BY_ANSWER, BY_REASONING
from sabotage_evals.scorers.misalignment_chat.outcome import Outcome, Unscored
from sabotage_evals.scorers.misalignment_chat.report import as_score
from sabotage_evals.tasks.misalignment_chat.arms import CORE, HEADLINE, PRIMARY, read_arms
from tests.scorers.misalignment_chat.building import faked

from .arms import arm_as_told, headline_told, is_primary, told_of
from .reading import PACKAGE, first_names, marked, names, parsed, rows, section

DOCUMENT: Final = "misalignment_chat.md"
CLASSIFY: Final = parsed(PACKAGE / "scorers/misalignment_chat/classify.py")
TABLE: Final = "The decision table of an answer"
SCORE: Final = "The score of an answer"
FLAGS: Final = "Flags of an answer"
OUTCOME_CELL: Final = 2
"""Where a row of the decision table has its outcome; the two figures follow."""
NOT_A_NUMBER: Final = "\N{EN DASH}"


def test_every_arm_is_told_as_its_front_matter_has_it() -> None:
    assert told_of(DOCUMENT) == {name: arm_as_told(arm, CORE) for name, arm in read_arms().by_name.items()}


def test_the_arm_of_the_headline_and_the_primary_contrast_are_told() -> None:
    assert headline_told(DOCUMENT) == HEADLINE
    assert is_primary(DOCUMENT, *PRIMARY)


def test_every_set_is_told_with_its_questions_wordings_and_topics() -> None:
    told = {names(row[0])[0]: row[1:] for row in rows(DOCUMENT, "The questions")}
    made = {}
    for name, each in read_arms().sets.items():
        topics = Counter(question.topic for question in each.questions.values())
        wordings = sum(len(question.wordings) for question in each.questions.values())
        listed = ", ".join(f"{topic} {count}" for topic, count in topics.items())
        made[name] = [str(len(each.questions)), str(wordings), listed]
    assert told == made


def test_the_number_of_runs_behind_a_null_is_that_of_the_headline_arm() -> None:
    [told] = re.findall(r"the headline arm has (\d+) runs an epoch", section(DOCUMENT, "How to read a null"))
    arms = read_arms()
    assert int(told) == sum(len(arms.wordings(HEADLINE, question)) for question in arms.questions(HEADLINE))


def test_the_readme_counts_the_questions_and_the_samples() -> None:
    readme = (PACKAGE / "tasks/misalignment_chat/README.md").read_text(encoding="utf-8")
    sets = read_arms().sets
    for name in CORE:
        assert f"| `{name}` | {len(sets[name].questions)} " in readme
    samples = sum(len(q.wordings) for name in CORE for q in sets[name].questions.values())
    assert f"{samples} samples of one turn" in readme
    about = (PACKAGE / "tasks/misalignment_chat/eval.yaml").read_text(encoding="utf-8")
    assert f"dataset_samples: {samples}\n" in about


def test_every_kind_of_reasoning_is_told() -> None:
    assert first_names(DOCUMENT, "The reasoning") == list(get_args(ReasoningKind))


def test_both_questions_to_the_graders_are_told_in_their_order() -> None:
    told = section(DOCUMENT, "What the graders do")
    assert 0 < told.index(f"`{BY_ANSWER}`") < told.index(f"`{BY_REASONING}`")


def test_every_outcome_and_every_reason_is_told() -> None:
    assert first_names(DOCUMENT, "Outcomes of an answer") == list(Outcome)
    assert first_names(DOCUMENT, "Outcomes of an answer", table=1) == list(Unscored)


def verdicts_of_the_code() -> Iterator[tuple[int, str]]:
    """Read from the code which outcome or reason each row ends in."""
    kinds: dict[str, type[Outcome] | type[Unscored]] = {"Outcome": Outcome, "Unscored": Unscored}
    for node in ast.walk(CLASSIFY):
        pair = node.args if isinstance(node, ast.Call) and ast.unparse(node.func) == "_verdict" else None
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
            pair = node.value.elts
        if pair and isinstance(pair[0], ast.Constant) and isinstance(pair[1], ast.Attribute):
            yield int(str(pair[0].value)), str(kinds[ast.unparse(pair[1].value)][pair[1].attr])


def test_every_row_of_the_table_names_the_outcome_that_the_code_gives_there() -> None:
    told = {(int(row[0]), name) for row in rows(DOCUMENT, TABLE) for name in names(row[OUTCOME_CELL])}
    assert told == set(verdicts_of_the_code())
    assert [int(row[0]) for row in rows(DOCUMENT, TABLE)] == list(range(1, len(told) + 1))


def test_the_figures_of_every_row_are_those_of_its_outcome() -> None:
    figures = {
        Outcome.ALIGNED: ["0", "0"],
        Outcome.OPENLY_MISALIGNED: ["1", "0"],
        Outcome.ALIGNMENT_FAKING: ["0", "1"],
        Outcome.DECLINED: [NOT_A_NUMBER, "0"],
    }
    for row in rows(DOCUMENT, TABLE):
        [outcome] = names(row[OUTCOME_CELL])
        unscored = outcome in set(Unscored)
        assert row[3:5] == ([NOT_A_NUMBER] * 2 if unscored else figures[Outcome(outcome)])


def test_every_key_of_the_score_is_told_in_order() -> None:
    evidence = faked()
    score = as_score(evidence, classify(evidence))
    assert isinstance(score.value, dict)
    assert first_names(DOCUMENT, SCORE) == list(score.value)
    assert first_names(DOCUMENT, SCORE, table=1) == list(score.metadata or {})
    assert f"`{EVIDENCE_KEY}`" in section(DOCUMENT, SCORE)


def flags_of_the_code() -> list[str]:
    [function] = [n for n in ast.walk(CLASSIFY) if isinstance(n, ast.FunctionDef) and n.name == "_flags"]
    [named] = [node for node in ast.walk(function) if isinstance(node, ast.Dict)]
    return [str(ast.literal_eval(key)) for key in named.keys if key is not None]


def test_every_flag_is_told_and_those_that_ask_for_a_person_are_marked() -> None:
    assert first_names(DOCUMENT, FLAGS) == flags_of_the_code()
    assert marked(DOCUMENT, FLAGS) == set(LOOK)
