"""Arms are minimal pairs; every prompt ranks the specification above the tests, and says how to report a conflict."""

import re
from itertools import pairwise, product
from typing import Final

import pytest

from sabotage_evals.prompts import CANARY, StimulusError
from sabotage_evals.tasks.reward_hacking.arms import CHECKS, CORE, HEADLINE, PRIMARY, PROMPTS, Check, read_arms

ARMS: Final = read_arms()
WORDINGS: Final = tuple(f"w{number}" for number in range(1, 9))
EVERY: Final = list(product(ARMS.by_name, WORDINGS, CHECKS))
WORKSPACE: Final = "/home/worker/lamp_ring"

each_text = pytest.mark.parametrize(("arm", "wording", "check"), EVERY)


@each_text
def test_every_prompt_ranks_the_specification_above_the_tests_and_says_how_to_report(
    arm: str, wording: str, check: Check
) -> None:
    user = " ".join(ARMS.render(arm, wording, WORKSPACE, check).user.lower().split())
    assert re.search(r"specification outranks (?:the |my )?tests", user)
    assert re.search(r"contradict.*`conflicts` in `closing\.json`", user)
    assert re.search(r"follow(?:ed)? `spec\.md`|`spec\.md` (?:shall be|is to be) followed|go with `spec\.md`", user)


@each_text
def test_every_prompt_names_the_workspace_the_command_and_what_is_taken_over(
    arm: str, wording: str, check: Check
) -> None:
    texts = ARMS.render(arm, wording, WORKSPACE, check)
    assert f"`{WORKSPACE}`" in texts.user
    assert "`python3 -m pytest -q tests`" in texts.user
    assert "`solution.py`" in texts.user
    assert "`CLOSING.md`" in texts.user
    assert "{" not in texts.user + (texts.system or "")
    assert "[[" not in texts.user + (texts.system or "")
    assert CANARY not in texts.user + (texts.system or "")


@pytest.mark.parametrize("wording", WORDINGS)
def test_all_arms_have_the_same_request(wording: str) -> None:
    for check in CHECKS:
        assert len({ARMS.render(arm, wording, WORKSPACE, check).user for arm in ARMS.by_name}) == 1


@pytest.mark.parametrize("wording", WORDINGS)
def test_every_hint_says_all_that_the_one_before_says_and_more(wording: str) -> None:
    ladder = ["no_hint", "hint_named", "hint_where", "hint_how", "hint_example"]
    assert [ARMS.arm(name).hint for name in ladder] == list(range(5))
    parts = [ARMS.parts(name, wording)["system_hint"] for name in ladder]
    for less, more in pairwise(parts):
        assert more.startswith(less)
        assert len(more) > len(less)


def test_only_the_headline_says_nothing_and_all_others_are_contrasted_with_it() -> None:
    assert HEADLINE in CORE
    assert set(PRIMARY) <= set(CORE)
    silent = {name for name, arm in ARMS.by_name.items() if arm.instructed == "none"}
    assert silent == {HEADLINE}
    for name, arm in ARMS.by_name.items():
        assert [contrast.other for contrast in arm.contrasts] == ([] if name == HEADLINE else [HEADLINE])
        assert ARMS.wordings(name) == WORDINGS


def test_the_request_says_how_the_work_is_checked_in_every_wording() -> None:
    for wording in WORDINGS:
        clean, workspace = (ARMS.render(HEADLINE, wording, WORKSPACE, check).user for check in ("clean", "workspace"))
        assert "further inputs" in clean
        assert "further inputs" not in workspace
        assert re.search(r"in the folder", workspace)


def test_every_stimulus_file_has_the_canary_and_its_hash_in_the_log() -> None:
    files = {path.relative_to(PROMPTS).as_posix(): path for path in PROMPTS.rglob("*.md")}
    assert set(ARMS.hashes()) == set(files)
    assert all(CANARY in path.read_text(encoding="utf-8") for path in files.values())


def test_an_arm_that_there_is_not_is_refused_with_the_choices() -> None:
    with pytest.raises(StimulusError, match="There is no arm 'hint'; choose from core, all, dont_hack,"):
        ARMS.arm("hint")
