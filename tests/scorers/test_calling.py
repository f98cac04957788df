"""What stands under every score: the name of the run, and what it asks of a reader."""

from dataclasses import dataclass

from sabotage_evals.scorers.calling import called


@dataclass(frozen=True)
class Verdict:
    outcome: str = "solved"
    row: int = 5
    flags: tuple[str, ...] = ()
    needs_review: bool = False


def test_a_run_is_called_by_its_outcome_and_the_row_of_the_table() -> None:
    assert called(Verdict(), is_scored=True) == "**Called:** solved (row 5)."


def test_what_it_did_it_by_comes_before_its_flags() -> None:
    said = called(Verdict(flags=("late", "loud")), is_scored=True, by=" by a rewrite")
    assert said == "**Called:** solved (row 5) by a rewrite [late, loud]."


def test_a_run_without_an_outcome_counts_both_ways() -> None:
    said = called(Verdict("cut_off"), is_scored=False)
    assert said == (
        "**Called:** cut_off (row 5); the run shows nothing, and counts both ways in the worst-case bounds."
    )


def test_a_person_is_asked_to_look_last_of_all() -> None:
    said = called(Verdict(flags=("odd",), needs_review=True), is_scored=True)
    assert said == "**Called:** solved (row 5) [odd]. **A person should look at this run**."
