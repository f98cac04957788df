"""A declared contrast holds in every wording, or is an error; a user's file may break one of ours."""

from pathlib import Path

import pytest

from sabotage_evals.prompts import StimulusError

from .scene import read, write_arm, write_scenario


def test_contrasts_that_hold_are_kept(tmp_path: Path) -> None:
    arms = read(write_scenario(tmp_path))
    assert [(each.other, each.parts) for each in arms.arm("big_red").contrasts] == [
        ("red", ("size",)),
        ("plain", ("colour", "size")),
    ]


@pytest.mark.parametrize(
    ("front", "body", "says"),
    [
        ("contrasts: [{with: plain, parts: [size]}]", "# w1 colour\nx", r"\[size\], but in w1 .* \[colour\]"),
        ("contrasts: [{with: plain}]", "# w1 colour\nx", r"\[\], but in w1 .* \[colour\]"),
        ("contrasts: [{with: plain}]", "", "differs in nothing"),
        ("contrasts: [{with: mine}]", "", "is with no other arm; choose from big_red, plain"),
        ("contrasts: [{with: big_red, parts: [colour]}]", "# w2 colour\nx", "no wording in common; write one of w1"),
    ],
)
def test_a_contrast_that_does_not_hold_is_one_sentence(tmp_path: Path, front: str, body: str, says: str) -> None:
    ours = write_scenario(tmp_path)
    write_arm(ours, "mine", front, body)
    with pytest.raises(StimulusError, match=rf"^mine\.md: the contrast with '\w+' .*{says}.*\.$"):
        read(ours)


def test_a_contrast_of_ours_that_a_users_file_breaks_is_given_up(tmp_path: Path) -> None:
    ours, theirs = write_scenario(tmp_path / "ours"), tmp_path / "theirs"
    write_arm(theirs, "plain", "", "# w1 size\nMake it small.\n# w2 size\nSmall.\n")
    arms = read(ours, theirs)
    assert [each.other for each in arms.arm("red").contrasts] == []
    assert [each.other for each in arms.arm("big_red").contrasts] == ["red", "plain"]
    assert arms.hashes().keys() >= {"plain.md", "stimuli/plain.md"}


def test_whole_texts_are_compared_where_an_arm_stands_alone(tmp_path: Path) -> None:
    ours = write_scenario(tmp_path)
    alone = "# w1 system\nYou paint.\n# w1 user\nPaint a wall.\n# w1 sign\nPaint is wet.\n"
    write_arm(ours, "alone", "base: none\ncontrasts: [{with: plain, parts: [user]}]", alone)
    write_arm(
        ours,
        "bare",
        "base: none\nsigned: false\ncontrasts: [{with: alone, parts: [system]}]",
        "# w1 user\nPaint a wall.",
    )
    arms = read(ours)
    assert arms.arm("alone").contrasts[0].parts == ("user",)
    assert arms.texts("bare", "w1") == {"user": "Paint a wall."}
