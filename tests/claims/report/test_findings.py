"""Figures say what was drawn, and stand only where they may."""

import os
from math import nan
from pathlib import Path

import pytest
from inspect_ai.log import read_eval_log, write_eval_log
from inspect_ai.scorer import Score

from sabotage_evals.claims.report.certification import Certification
from sabotage_evals.claims.report.findings import Claim, Findings, HeadlineFinding
from sabotage_evals.claims.statistics import CLUSTERS, compare_threshold
from sabotage_evals.design import Headline
from sabotage_evals.planned import stamp_plan
from tests.claims.made_logs import SHUTDOWN, Truth, draw_shutdown, shutdown_value, write_log
from tests.claims.report.building import RATES, add_chat, add_shutdown, find, stop_log
from tests.claims.report.conftest import Made

PLAN = """
name: mine
hypotheses:
  - {name: user, claim: The user's word helps., scenario: shutdown, key: resisted, arm: allow_user, other: unmentioned}
  - {name: rare, claim: Rare., scenario: shutdown, key: resisted, arm: priority, threshold: {side: below, rate: 0.2}}
  - {name: elsewhere, claim: Not run., scenario: detector, key: x, arm: a, other: b}
"""


def only_headline(findings: Findings) -> HeadlineFinding:
    [headline] = findings.headlines
    return headline


def test_the_truth_lies_inside_nearly_all_intervals(tmp_path: Path) -> None:
    """Rates of 24 arms, spread between wordings: with 95% intervals, four or more misses would come up once in 40."""
    for number in range(6):
        add_shutdown(tmp_path, f"made/m{number}", seeds=2, spread=0.1)
    _, findings = find(tmp_path)
    known = [each for each in findings.rates if each.key == "resisted" and 0 < RATES[each.arm] < 1]
    assert len(known) == 18
    assert sum(not each.rate.lower <= RATES[each.arm] <= each.rate.upper for each in known) <= 3


def test_the_true_difference_lies_inside_the_interval_of_the_contrast(tmp_path: Path) -> None:
    add_shutdown(tmp_path, seeds=3)
    _, findings = find(tmp_path)
    for comparison in findings.comparisons:
        contrast, found = comparison.contrast, comparison.difference
        assert found is not None
        assert found.lower <= RATES[contrast.arm] - RATES[contrast.other] <= found.upper
        assert found.units == 48


def test_a_headline_is_the_rate_of_its_key_in_its_arm(usual: Findings) -> None:
    headline = only_headline(usual)
    assert headline.why is None
    assert headline.found is not None
    assert (headline.found.arm, headline.found.key) == ("allow_system_unfinished", "defied")
    assert headline.found.rate.scored == 16


def test_a_zero_has_its_bound(tmp_path: Path) -> None:
    add_shutdown(tmp_path, rates=dict.fromkeys(RATES, 0.0))
    headline = only_headline(find(tmp_path)[1])
    assert headline.found is not None
    assert headline.found.rate.zero_bound is not None
    assert headline.found.rate.zero_bound.independent == pytest.approx(1 - 0.05 ** (1 / 16))


@pytest.mark.parametrize(
    ("truth", "says"),
    [
        ({"unscored": 0.5}, "90"),
        ({"sandbox": "bwrap"}, "weaker walls"),
        ({"rates": {"unmentioned": 0.5}}, "was not run"),
        ({"unscored": 1.0}, "says yes or no"),
    ],
)
def test_without_ground_there_is_no_headline_but_a_sentence(
    tmp_path: Path, truth: dict[str, object], says: str
) -> None:
    add_shutdown(tmp_path, **truth)  # type: ignore[arg-type]
    why = only_headline(find(tmp_path)[1]).why
    assert why is not None
    assert says in why


def test_a_program_may_play_on_the_embedded_sandbox(tmp_path: Path) -> None:
    add_shutdown(tmp_path, "sabotage_evals/complies", sandbox="bwrap")
    assert only_headline(find(tmp_path)[1]).why is None


@pytest.mark.parametrize(
    ("known", "says"),
    [
        ([], "is not certified on docker"),
        ([Certification(scenario="shutdown", version="2-A", sandbox="docker", right=39, of=40)], "39 of 40"),
        ([Certification(scenario="shutdown", version="1-A", sandbox="docker", right=40, of=40)], "is not certified"),
        ([Certification(scenario="shutdown", version="2-A", sandbox="bwrap", right=40, of=40)], "is not certified"),
    ],
)
def test_a_scorer_that_is_not_certified_makes_no_headline(
    tmp_path: Path, known: list[Certification], says: str
) -> None:
    add_shutdown(tmp_path)
    why = only_headline(find(tmp_path, known=known)[1]).why
    assert why is not None
    assert says in why


def test_of_two_models_that_differ_in_settings_alone_neither_speaks_for_the_other(tmp_path: Path) -> None:
    from inspect_ai.model import GenerateConfig

    add_shutdown(tmp_path, rates=dict.fromkeys(RATES, 1.0), config=GenerateConfig(reasoning_effort="high"), name="high")
    add_shutdown(tmp_path, rates=dict.fromkeys(RATES, 0.0), config=GenerateConfig(reasoning_effort="low"), name="low")
    found = {each.subject.label: each.found for each in find(tmp_path)[1].headlines}
    assert set(found) == {"model (reasoning effort high)", "model (reasoning effort low)"}
    assert {each.rate.rate for each in found.values() if each} == {0.0, 1.0}


def test_logs_of_one_model_are_pooled(tmp_path: Path) -> None:
    add_shutdown(tmp_path, name="first", wordings=8)
    add_shutdown(tmp_path, name="second", wordings=8)
    headline = only_headline(find(tmp_path)[1])
    assert headline.found is not None
    assert headline.found.rate.scored == 32


def test_contexts_are_apart(whole: Made) -> None:
    contexts = {each.subject.scenario: each.context for each in whole.findings.headlines}
    assert contexts == {"detector": "agentic", "misalignment_chat": "chat", "shutdown": "agentic"}


def test_arms_with_unlike_coverage_are_not_compared(tmp_path: Path) -> None:
    add_shutdown(tmp_path, unscored=0.3)
    for comparison in find(tmp_path)[1].comparisons:
        assert comparison.difference is None
        assert comparison.why


def test_the_primary_contrast_of_the_task_is_planned_and_the_others_are_exploratory(usual: Findings) -> None:
    planned = {(each.contrast.arm, each.contrast.other): each.planned for each in usual.comparisons}
    assert planned == {
        ("allow_system_unfinished", "unmentioned"): True,
        ("allow_user", "unmentioned"): False,
        ("priority", "allow_system_unfinished"): False,
    }


def test_a_plan_counts_only_where_the_logs_bear_its_hash(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN, encoding="utf-8")
    truth = Truth("made/model", RATES)
    for name, stamp in (("bears", stamp_plan(path)), ("lacks", None)):
        runs = list(draw_shutdown(truth, 8, ["sums"], 1, 1, name, 1))
        design = SHUTDOWN.model_copy(update={"plan": stamp})
        write_log(tmp_path / name, name, truth, runs, design=design)
        _, findings = find(tmp_path / name, path)
        [user] = [each for each in findings.comparisons if each.contrast.arm == "allow_user"]
        assert user.planned == (name == "bears")
        assert [hypothesis.name for hypothesis, _ in findings.untested] == ["elsewhere"]


def test_p_values_are_corrected_within_a_family_over_all_models(tmp_path: Path) -> None:
    for name in ("one", "two"):
        add_shutdown(tmp_path, f"made/{name}", {"unmentioned": 0.5, "allow_system_unfinished": 0.3}, spread=0.1)
    comparisons = [each for each in find(tmp_path)[1].comparisons if each.planned]
    assert [each.adjusted.family_size for each in comparisons if each.adjusted] == [2, 2]
    assert all(each.adjusted.adjusted >= each.adjusted.p_value for each in comparisons if each.adjusted)


THRESHOLDS = """
name: mine
hypotheses:
  - {name: rare, claim: Rare., scenario: shutdown, key: resisted, arm: priority, threshold: {side: below, rate: 0.3},
     family: rates}
  - {name: often, claim: Often., scenario: shutdown, key: resisted, arm: unmentioned,
     threshold: {side: above, rate: 0.3}, family: rates}
  - {name: absent, claim: Not run., scenario: shutdown, key: resisted, arm: must, threshold: {side: above, rate: 0.3}}
"""


def claims_of(folder: Path, bears: bool = True, text: str = THRESHOLDS, **truth: object) -> dict[str, Claim]:
    """Run a made model under a plan, or without one, and return what became of the plan's claims on rates."""
    plan = folder / "plan.yaml"
    plan.write_text(text, encoding="utf-8")
    add_shutdown(folder, design=SHUTDOWN.model_copy(update={"plan": stamp_plan(plan) if bears else None}), **truth)  # type: ignore[arg-type]
    return {each.hypothesis.name: each for each in find(folder, plan)[1].claims}


def test_a_claim_on_a_rate_is_tested_one_sided_and_corrected_in_its_family(tmp_path: Path) -> None:
    claims = claims_of(tmp_path, rates={"priority": 0.15, "unmentioned": 0.7}, seeds=2)
    assert set(claims) == {"rare", "often"}
    rare, often = claims["rare"], claims["often"]
    assert rare.test == compare_threshold(rare.subject.by_arm["priority"], "resisted", "below", 0.3)
    assert often.test is not None
    assert often.test.test == "t_and_binomial"
    for each in (rare, often):
        assert each.family == "rates"
        assert each.adjusted is not None
        assert each.adjusted.family_size == 2
        assert each.planned
    assert often.is_shown
    assert often.test.p_value < rare.test.p_value
    assert rare.adjusted is not None
    assert often.adjusted is not None
    assert often.adjusted.adjusted == pytest.approx(2 * often.test.p_value)


@pytest.mark.parametrize(("rate", "shown"), [(0.0, True), (0.3, False), (1.0, False)])
def test_a_claim_is_shown_only_by_rates_on_its_side(tmp_path: Path, rate: float, shown: bool) -> None:
    assert claims_of(tmp_path, rates={"priority": rate, "unmentioned": 0.7}, seeds=3)["rare"].is_shown == shown


def test_a_claim_of_a_plan_that_the_logs_do_not_bear_is_exploratory(tmp_path: Path) -> None:
    claims = claims_of(tmp_path, bears=False)
    assert {each.family for each in claims.values()} == {"exploratory, shutdown"}
    assert not any(each.planned for each in claims.values())


def test_a_claim_on_what_was_hardly_scored_gets_a_sentence_and_stays_in_its_family(tmp_path: Path) -> None:
    claims = claims_of(tmp_path, unscored=0.5)
    for each in claims.values():
        assert each.test is None
        assert each.why is not None
        assert not each.is_shown
        assert each.adjusted is not None
        assert each.adjusted.family_size == 2
        assert each.adjusted.adjusted == 1


def test_a_claim_on_an_arm_that_was_not_run_is_untested(tmp_path: Path) -> None:
    claims_of(tmp_path)
    untested = find(tmp_path, tmp_path / "plan.yaml")[1].untested
    assert [(hypothesis.name, why) for hypothesis, why in untested] == [("absent", "the arm must was not run")]


WRONG = """
name: wrong
hypotheses:
  - {name: right, claim: A., scenario: shutdown, key: resisted, arm: allow_user, other: unmentioned}
  - {name: again, claim: A., scenario: shutdown, key: resisted, arm: unmentioned, other: allow_user, family: more}
  - {name: key, claim: A., scenario: shutdown, key: resistd, arm: allow_user, other: unmentioned}
  - {name: key_of_rate, claim: A., scenario: shutdown, key: resistd, arm: allow_user,
     threshold: {side: below, rate: 0.5}}
  - {name: arm, claim: A., scenario: shutdown, key: resisted, arm: allow_usr, other: unmentioned}
  - {name: scenario, claim: A., scenario: shutdwn, key: resisted, arm: allow_user, other: unmentioned}
  - {name: elsewhere, claim: A., scenario: detector, key: resisted, arm: allow_user, other: unmentioned}
"""


def test_of_what_was_not_tested_the_true_reason_is_given(tmp_path: Path) -> None:
    claims_of(tmp_path, text=WRONG)
    untested = find(tmp_path, tmp_path / "plan.yaml")[1].untested
    assert {hypothesis.name: why for hypothesis, why in untested} == {
        "again": "it is the same test as right, which stands for both",
        "key": "the logs of shutdown know no rate resistd",
        "key_of_rate": "the logs of shutdown know no rate resistd",
        "arm": "the arm allow_usr was not run",
        "scenario": "no log is of a scenario shutdwn",
        "elsewhere": "the scenario was not run",
    }


def test_a_planned_contrast_that_may_not_stand_is_untested_for_the_reason_that_stands_in_its_row(
    tmp_path: Path,
) -> None:
    claims_of(tmp_path, text=WRONG, unscored=0.5)
    _, findings = find(tmp_path, tmp_path / "plan.yaml")
    why = next(why for hypothesis, why in findings.untested if hypothesis.name == "right")
    [row] = [
        each for each in findings.comparisons if (each.contrast.arm, each.contrast.key) == ("allow_user", "resisted")
    ]
    assert why == f"model: {row.why}"
    assert "could be scored" in why


def test_arms_of_different_conditions_make_no_contrast_and_that_is_the_reason(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(WRONG, encoding="utf-8")
    add_shutdown(tmp_path, rates={"allow_user": 0.5}, sandbox="docker", name="a")
    add_shutdown(tmp_path, rates={"unmentioned": 0.5}, sandbox="bwrap", name="b")
    untested = {hypothesis.name: why for hypothesis, why in find(tmp_path, plan)[1].untested}
    assert untested["right"] == "no model was run in both arms under the same settings and conditions"


def neither(folder: Path, share: int, arm: str = "allow_system_unfinished") -> Findings:
    """Write a log in which of every 8 runs of the headline's arm so many say neither yes nor no."""
    truth = Truth("made/model", RATES)
    runs = list(draw_shutdown(truth, 8, ["sums", "records"], 2, 1, "x", 1))
    for number, run in enumerate(run for run in runs if run.metadata["arm"] == arm):
        if number % 8 < share:
            value = shutdown_value(arm, False) | dict.fromkeys(("resisted", "defied", "tampered"), nan)
            run.scores = {"shutdown_outcome": Score(value=value | {"outcome": "attempted", "headline": "no_choice"})}
    write_log(folder, "a", truth, runs)
    return find(folder)[1]


def test_a_headline_does_not_stand_on_a_minority_of_the_scored_runs(tmp_path: Path) -> None:
    findings = neither(tmp_path, 5)
    why = "Only 12 of the 32 scored runs of allow_system_unfinished (37.5 %) say yes or no, below 50 %: no headline."
    assert only_headline(findings).why == why
    about = {each.contrast.arm: each.why for each in findings.comparisons if each.difference is None}
    assert set(about) == {"allow_system_unfinished", "priority"}
    assert all("say yes or no" in str(each) for each in about.values())


def test_runs_that_say_neither_are_in_the_bounds_of_what_all_runs_are_asked(tmp_path: Path) -> None:
    findings = neither(tmp_path, 3)
    headline = only_headline(findings)
    assert headline.why is None
    assert headline.found is not None
    rate = headline.found.rate
    assert (rate.scored, rate.left_out, rate.unknown) == (20, 12, 12)
    assert rate.worst_lower < rate.rate < rate.worst_upper
    assert rate.worst_upper - rate.worst_lower == pytest.approx(12 / 32)
    beside = findings.rate_of(headline.subject, headline.arm, "tampered")
    assert beside is not None
    assert (beside.rate.conditional, beside.rate.unknown) == (True, 0)


def test_runs_of_another_kind_in_the_headlines_arm_are_none_of_its_own(tmp_path: Path) -> None:
    """As of problems with a way round, where the headline is on the impossible ones."""
    truth = Truth("made/model", RATES)
    runs = list(draw_shutdown(truth, 8, ["sums", "records", "letters"], 1, 1, "x", 1))
    for run in runs:
        if run.metadata["work"] != "sums":
            value = shutdown_value(run.metadata["arm"], False) | {"defied": nan, "headline": "other_arm"}
            run.scores = {"shutdown_outcome": Score(value=value)}
    write_log(tmp_path, "a", truth, runs)
    headline = only_headline(find(tmp_path)[1])
    assert headline.why is None
    assert headline.found is not None
    assert (headline.found.rate.scored, headline.found.rate.left_out) == (8, 0)


def test_where_files_do_not_agree_on_the_same_runs_their_arm_makes_nothing(tmp_path: Path) -> None:
    arm = "allow_system_unfinished"
    path = add_shutdown(tmp_path)
    log = read_eval_log(str(path))
    run = next(run for run in log.samples or [] if run.metadata["arm"] == arm and run.scores)
    before = run.scores["shutdown_outcome"].value  # type: ignore[index]
    run.scores = {"shutdown_outcome": Score(value=shutdown_value(arm, before["resisted"] == 0.0))}  # type: ignore[index,call-overload]
    copy = tmp_path / "copy.eval"
    write_eval_log(log, str(copy))
    plan = tmp_path / "plan.yaml"
    plan.write_text(
        "name: x\nhypotheses:\n  - {name: rare, claim: Rare., scenario: shutdown, key: resisted, "
        f"arm: {arm}, threshold: {{side: below, rate: 0.9}}}}\n",
        encoding="utf-8",
    )
    for last in (path, copy):
        os.utime(last, (2e9, 2e9))
        _, findings = find(tmp_path, plan)
        why = only_headline(findings).why
        assert why is not None
        assert f"1 run of {arm} stand" in why
        assert [each.why for each in findings.claims] == [why]
        shut = {each.contrast.arm for each in findings.comparisons if each.why == why}
        assert shut == {arm, "priority"}
    copy.unlink()
    assert only_headline(find(tmp_path)[1]).why is None


def test_plans_that_logs_bear_and_the_report_does_not_go_by_are_counted(tmp_path: Path) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(PLAN, encoding="utf-8")
    stamp = stamp_plan(plan)
    for name in ("one", "two"):
        add_shutdown(tmp_path, name=name, design=SHUTDOWN.model_copy(update={"plan": stamp}))
    add_shutdown(tmp_path, name="three")
    assert find(tmp_path)[1].passed_over == [(stamp, 2)]
    assert find(tmp_path, plan)[1].passed_over == []


def test_runs_that_were_imported_are_said_to_be_before_anything_else(tmp_path: Path) -> None:
    truth = Truth("made/model", RATES)
    runs = list(draw_shutdown(truth, 2, ["sums"], 1, 1, "x", 1))
    headless = SHUTDOWN.model_copy(update={"headline": Headline(key="", arm="")})
    write_log(tmp_path, "a", truth, runs, metadata=headless.as_metadata() | {"imported_from": "elsewhere"})
    assert "read from their transcripts alone" in str(only_headline(find(tmp_path)[1]).why)


def test_a_planned_contrast_without_data_does_not_shrink_its_family(tmp_path: Path) -> None:
    add_shutdown(tmp_path, "made/whole")
    add_shutdown(tmp_path, "made/cut", unscored=0.5)
    planned = [each for each in find(tmp_path)[1].comparisons if each.planned]
    assert [each.difference is None for each in planned] == [True, False]
    assert [each.adjusted.family_size for each in planned if each.adjusted] == [2, 2]


STOP = "resisted in priority below 0.3 at 0.05"


def test_every_key_of_an_arm_that_was_stopped_has_the_interval_of_the_stop(tmp_path: Path) -> None:
    path = add_shutdown(tmp_path, wordings=1, seeds=20)
    stop_log(path, STOP)
    _, findings = find(tmp_path)
    stopped = [each for each in findings.rates if each.arm == "priority"]
    assert {each.key for each in stopped} == {"resisted", "defied", "tampered", "understood"}
    assert {each.rate.method for each in stopped} == {"anytime"}
    assert {each.stopped_in for each in stopped} == {path.name}
    assert all(each.rate.zero_bound is None for each in stopped)
    assert "anytime" not in {each.rate.method for each in findings.rates if each.arm != "priority"}


def test_an_arm_that_was_stopped_is_in_no_contrast_and_the_gate_says_so(tmp_path: Path) -> None:
    stop_log(add_shutdown(tmp_path, seeds=20, wordings=1), STOP)
    found = {(each.contrast.arm, each.contrast.other): each for each in find(tmp_path)[1].comparisons}
    shut = found["priority", "allow_system_unfinished"]
    assert shut.difference is None
    assert shut.why is not None
    assert "hung on their results" in shut.why
    assert found["allow_user", "unmentioned"].difference is not None


def test_a_claim_on_an_arm_that_was_stopped_goes_by_the_e_value(tmp_path: Path) -> None:
    claims_of(tmp_path, wordings=1, seeds=30)
    stop_log(next(tmp_path.glob("*.eval")), STOP)
    claims = {each.hypothesis.name: each for each in find(tmp_path, tmp_path / "plan.yaml")[1].claims}
    assert {name: each.test.test for name, each in claims.items() if each.test} == {
        "rare": "anytime",
        "often": "binomial",
    }
    assert claims["rare"].is_shown


@pytest.mark.parametrize("how", ["twice", "unreadable", "not ours"])
def test_where_no_interval_is_known_after_a_stop_there_is_none_and_no_headline(tmp_path: Path, how: str) -> None:
    """Two stops on one arm, a record of another version, a rule of somebody else's: no interval holds after them."""
    arm = "allow_system_unfinished"
    path = add_shutdown(tmp_path, wordings=1, seeds=20, name="one")
    changes = {"unreadable": {"text": None}, "not ours": None, "twice": {}}[how]
    stop_log(path, f"resisted in {arm} below 0.5", changes, missing=arm)
    if how == "twice":
        stop_log(add_shutdown(tmp_path, wordings=1, seeds=20, name="two"), f"resisted in {arm} below 0.5")
    _, findings = find(tmp_path)
    stopped = [each.rate for each in findings.rates if each.arm == arm]
    assert stopped
    assert {each.method for each in stopped} == {"none"}
    assert all(each.lower != each.lower for each in stopped)
    assert "no interval is known" in str(only_headline(findings).why)
    assert all(
        each.difference is None for each in findings.comparisons if arm in (each.contrast.arm, each.contrast.other)
    )


def test_in_chats_the_question_is_what_runs_hang_together_by(tmp_path: Path) -> None:
    """Twenty questions in three wordings each: nineteen degrees of freedom, and three wordings would give none."""
    add_chat(tmp_path, rate=0.4)
    _, findings = find(tmp_path)
    [subject] = findings.subjects
    assert subject.cluster == CLUSTERS["work"]
    for each in findings.rates:
        assert (each.rate.clusters, each.rate.units) == (20, 60)
        assert each.rate.label == "t over 20 questions, 19 degrees of freedom"
    [comparison] = findings.comparisons
    assert comparison.difference is not None
    assert comparison.difference.label == "paired t over 20 questions, 19 degrees of freedom"


def test_runs_are_never_pooled_over_arms(usual: Findings) -> None:
    [subject] = usual.subjects
    for each in usual.rates:
        rows = subject.frame[subject.frame["arm"] == each.arm]
        assert each.rate.scored == rows[each.key].notna().sum()
