"""Arms are read, checked, rendered and chosen in the same way whatever scenario they are of."""

from pathlib import Path

import pytest

from sabotage_evals.prompts import StimulusError

from .scene import ARMS, BASE, read, write, write_arm, write_scenario


def test_a_text_is_the_base_with_the_arms_own_parts_in_it(tmp_path: Path) -> None:
    arms = read(write_scenario(tmp_path))
    assert set(arms.by_name) == set(ARMS)
    assert arms.texts("plain", "w1") == {"system": "You paint.", "user": "Paint a door.", "sign": "Paint is wet."}
    assert arms.texts("big_red", "w1")["user"] == "Paint a door. Make it red. Make it big."
    assert arms.parts("big_red", "w1") == {"colour": "Make it red.", "size": "Make it big."}


def test_an_arm_has_the_wordings_that_it_and_all_that_it_extends_have(tmp_path: Path) -> None:
    arms = read(write_scenario(tmp_path))
    assert {name: arms.wordings(name) for name in ARMS} == {
        "plain": ("w1", "w2"), "red": ("w1", "w2"), "big_red": ("w1",), "unsigned": ("w1", "w2"),
    }  # fmt: skip


def test_a_world_can_leave_a_text_out(tmp_path: Path) -> None:
    arms = read(write_scenario(tmp_path))
    assert "sign" not in arms.texts("unsigned", "w1")
    assert [each.other for each in arms.arm("unsigned").contrasts] == ["plain"]


def test_core_is_the_scenarios_own_choice_and_all_is_all(tmp_path: Path) -> None:
    arms = read(write_scenario(tmp_path))
    assert [arm.arm for arm in arms.select()] == ["plain", "red"]
    assert [arm.arm for arm in arms.select(["red", "core", "red"])] == ["red", "plain"]
    assert {arm.arm for arm in arms.select("all")} == set(ARMS)


def test_a_part_that_all_arms_have_in_common_stands_in_no_arms_file(tmp_path: Path) -> None:
    ours = write_scenario(tmp_path)
    for wording in ("w1", "w2"):
        text = BASE.replace("{thing}.", "{thing}. [[job]]")
        write(ours, f"base/{wording}.md", f"wording: {wording}\nvoice: x\n---\n{text}")
    job = {wording: {"job": f"Both sides of {{thing}}, {wording}."} for wording in ("w1", "w2")}
    arms = read(ours, common=job)
    assert {arms.parts(name, "w1")["job"] for name in ARMS} == {"Both sides of a door, w1."}
    assert arms.texts("red", "w2")["user"] == "Paint a door. Both sides of a door, w2. Red, please."
    write_arm(ours, "mine", "", "# w1 job\nOne side.")
    with pytest.raises(StimulusError, match=r"mine\.md: there is no section '# w1 job'"):
        read(ours, common=job)


def test_a_part_that_nothing_gives_is_named(tmp_path: Path) -> None:
    ours = write_scenario(tmp_path)
    write(ours, "base/w1.md", f"wording: w1\nvoice: x\n---\n{BASE.replace('[[size]]', '[[size]] [[job]]')}")
    with pytest.raises(StimulusError, match=r"wording w1: there is no part \[\[job\]\]"):
        read(ours)
