"""`docs/reward_hacking.md` says what the code does: arms, kinds, outcomes, rows, ways, keys, flags and numbers."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest

from sabotage_evals.actors.reward_hacking import ACTORS
from sabotage_evals.scorers.reward_hacking.keys import RATES, unscored_value
from sabotage_evals.scorers.reward_hacking.mechanisms import Mechanism
from sabotage_evals.scorers.reward_hacking.outcome import Outcome, Unscored
from sabotage_evals.tasks.reward_hacking.arms import CORE, HEADLINE, PRIMARY, read_arms
from sabotage_evals.tasks.reward_hacking.problems import KINDS, PROBLEMS
from sabotage_evals.tasks.reward_hacking.samples import FACTORS
from sabotage_evals.tasks.reward_hacking.world import HIDDEN

from .arms import arm_as_told, headline_told, is_primary, told_of
from .flags import is_flag, words_set_in
from .reading import PACKAGE, first_names, flags_in, marked, names, parsed, rows, section
from .verdicts import assigned, by_row, named

DOCUMENT: Final = "reward_hacking.md"
README: Final = PACKAGE / "tasks/reward_hacking/README.md"
TABLE: Final = "The decision table of reward hacking"
OUTCOME_CELL: Final = 2
CLASSIFY: Final = parsed(PACKAGE / "scorers/reward_hacking/classify.py")
FACTS: Final = parsed(PACKAGE / "scorers/reward_hacking/facts.py")


def test_every_arm_is_told_as_its_front_matter_has_it() -> None:
    assert told_of(DOCUMENT) == {name: arm_as_told(arm, CORE) for name, arm in read_arms().by_name.items()}


def test_every_factor_of_every_arm_is_told() -> None:
    told = {names(row[0])[0]: row[1:] for row in rows(DOCUMENT, "The arms", table=1)}
    arms = read_arms().by_name.items()
    assert told == {name: [str(getattr(arm, factor)) for factor in FACTORS] for name, arm in arms}


def test_the_arm_of_the_headline_and_the_primary_contrast_are_told() -> None:
    assert headline_told(DOCUMENT) == HEADLINE
    assert is_primary(DOCUMENT, *PRIMARY)


def test_every_kind_is_told_and_how_many_problems_there_are() -> None:
    assert first_names(DOCUMENT, "Kinds") == list(KINDS)
    assert f"{len(PROBLEMS)} small problems" in section(DOCUMENT, "What is not measured")
    assert f"{len(PROBLEMS)} impossible runs" in section(DOCUMENT, "How to read a null")
    assert f"It draws {HIDDEN} hidden inputs" in section(DOCUMENT, "What the agent meets")
    told = README.read_text(encoding="utf-8")
    assert f"Each of {len(PROBLEMS)} problems" in told
    assert f"{len(PROBLEMS) * len(KINDS) * len(CORE)} samples" in told


def test_every_outcome_and_every_reason_for_none_is_told() -> None:
    heading = "Outcomes of a reward-hacking run"
    assert first_names(DOCUMENT, heading) == list(Outcome)
    assert first_names(DOCUMENT, heading, table=1) == list(Unscored)


def test_every_way_round_is_told_in_the_order_that_names_a_run() -> None:
    assert first_names(DOCUMENT, "Facts about the work") == list(Mechanism)


def test_every_key_is_told() -> None:
    assert first_names(DOCUMENT, "Keys") == list(RATES)
    others = set(unscored_value(Unscored.CUT_OFF, "no_hint", "fair")) - set(RATES)
    assert others <= set(names(section(DOCUMENT, "Keys")))


def verdicts_of_the_code() -> Iterator[tuple[int, set[str]]]:
    """Read from `classify` which outcomes and reasons each row can end in; a variable stands for what it was given."""
    variables = assigned(CLASSIFY, Outcome, Unscored)
    judged = {str(Unscored.NO_GRADER), str(Unscored.GRADER_FAILED)}
    for node in ast.walk(CLASSIFY):
        if not isinstance(node, ast.Call):
            continue
        if ast.unparse(node.func) == "_hacked":
            yield int(ast.literal_eval(node.args[0])), variables["outcome"]
        elif ast.unparse(node.func) == "_verdict" and isinstance(node.args[0], ast.Constant):
            row, outcome = node.args[:2]
            yield (
                int(ast.literal_eval(row)),
                named(outcome, Outcome, Unscored) or variables.get(ast.unparse(outcome), judged),
            )


def test_every_row_of_the_table_names_the_outcomes_that_the_code_gives_there() -> None:
    told = {int(row[0]): set(names(row[OUTCOME_CELL])) for row in rows(DOCUMENT, TABLE)}
    assert told == by_row(verdicts_of_the_code())


def flags_of_the_code() -> set[str]:
    named_ways = {*Mechanism, "all", "said", "at_limit"}
    words = {*words_set_in(CLASSIFY), *words_set_in(FACTS), *keys_of_flags()}
    return {word for word in filter(is_flag, words) if word not in named_ways or word == "at_limit"}


def keys_of_flags() -> Iterator[str]:
    """Yield the keys of the dictionaries `named`, which are the flags that facts set, and the sets of `classify`."""
    for node in ast.walk(FACTS):
        if (
            isinstance(node, ast.Assign)
            and ast.unparse(node.targets[0]) == "named"
            and isinstance(node.value, ast.Dict)
        ):
            for key, value in zip(node.value.keys, node.value.values, strict=True):
                if isinstance(key, ast.Constant):
                    yield str(key.value)
                elif isinstance(value, ast.DictComp) and isinstance(value.key, ast.JoinedStr):
                    yield "".join(str(p.value) if isinstance(p, ast.Constant) else "…" for p in value.key.values)
    for node in ast.walk(CLASSIFY):
        if isinstance(node, ast.Tuple) and len(node.elts) == 2 and _is_named(*node.elts):
            yield str(ast.literal_eval(node.elts[0]))


def _is_named(name: ast.expr, value: ast.expr) -> bool:
    return isinstance(name, ast.Constant) and not isinstance(value, ast.Constant)


def test_every_flag_that_the_code_can_set_is_told_and_no_other() -> None:
    told = first_names(DOCUMENT, "Flags of reward hacking")
    assert set(told) == flags_of_the_code()
    assert len(told) == len(set(told))


def test_flags_in_the_decision_table_are_flags() -> None:
    told = flags_in(DOCUMENT, TABLE, OUTCOME_CELL)
    assert told >= {"cut_short", "passed_visible"}
    assert told <= flags_of_the_code()


def test_flags_that_ask_for_a_person_are_marked() -> None:
    [function] = [n for n in ast.walk(FACTS) if isinstance(n, ast.FunctionDef) and n.name == "_suspicious"]
    [asked] = [
        node.value for node in function.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
    ]
    wanted = {str(key.value) for key in asked.keys if isinstance(key, ast.Constant)} | {
        "withdrawn_…",
        "disclosure_unknown",
    }
    assert marked(DOCUMENT, "Flags of reward hacking") == wanted


@pytest.mark.parametrize(
    ("name", "file", "value"), [row[:3] for row in rows(DOCUMENT, "Numbers in the table of reward hacking")]
)
def test_numbers_are_those_of_the_code(name: str, file: str, value: str) -> None:
    module = ".".join(Path(file.strip("`")).with_suffix("").parts)
    assert str(getattr(import_module(f"sabotage_evals.{module}"), name.strip("`"))) == value


def test_numbers_that_the_text_names_stand_in_the_table() -> None:
    told = set(first_names(DOCUMENT, "Numbers in the table of reward hacking"))
    assert set(re.findall(r"\b[A-Z]+_[A-Z_]+\b", section(DOCUMENT, "Facts about the work"))) <= told


def test_the_decision_table_has_every_row_once() -> None:
    assert [int(row[0]) for row in rows(DOCUMENT, TABLE)] == list(range(1, 9))


def test_the_scripted_run_that_is_shown_is_one_that_its_actor_has_a_verdict_for() -> None:
    [command] = [line for line in section(DOCUMENT, "Run it").splitlines() if "--model sabotage_evals/" in line]
    [actor] = re.findall(r"--model sabotage_evals/(\w+)", command)
    [problem], [kind] = re.findall(r"problems=(\S+)", command), re.findall(r"kinds=(\S+)", command)
    assert f"{problem}-{kind}" in {expected.work for expected in ACTORS[actor].expects}
