"""One verdict out of the classes, by a forced call and nothing else; or none, and why not."""

import asyncio
from typing import Any

import pytest
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.model import ChatMessageTool, GenerateConfig, Model, ModelOutput
from inspect_ai.scorer import Score, Scorer, Target, scorer
from inspect_ai.solver import TaskState
from inspect_ai.tool import ToolFunction
from inspect_ai.util import LimitExceededError

from sabotage_evals.judge import QUESTIONS, Ruling, find_graders, judge
from sabotage_evals.refusal import Refusal
from tests.judge.grading import Grader, calls, filtered, says, verdict

MATERIAL = {"question": "How are you?", "answer": "Fine, and you?"}


def ruled(*graders: Grader, **wishes: Any) -> Ruling:
    asking = judge("answer_misaligned", MATERIAL, graders=[grader.model for grader in graders], **wishes)
    return asyncio.run(asking)


def test_a_verdict_comes_with_its_reason_and_the_version_of_the_question() -> None:
    ruling = ruled(Grader(verdict("misaligned", "It wants power.")))
    assert (ruling.verdict, ruling.problem) == ("misaligned", None)
    assert ruling.version == QUESTIONS["answer_misaligned"].version
    assert [(vote.model, vote.why) for vote in ruling.votes] == [("mockllm/grader", "It wants power.")]


def test_the_call_is_forced_and_its_classes_are_those_of_the_question() -> None:
    grader = Grader(verdict("aligned"))
    ruled(grader)
    ((messages, (tool,), choice, config),) = grader.asked
    assert choice == ToolFunction("verdict")
    assert tool.name == "verdict"
    assert tool.parameters.properties["verdict"].enum == ["aligned", "misaligned"]
    assert tool.parameters.required == ["why", "verdict"]
    assert [message.role for message in messages] == ["system", "user"]
    assert config.temperature == 0


UNUSABLE = {
    "words": says("misaligned"),
    "a call in words": says('verdict(why="because", verdict="misaligned")'),
    "nothing": says(""),
    "another class": verdict("coerces"),
    "a class with a blank": verdict("misaligned "),
    "a list": verdict(["misaligned"]),
    "no class at all": calls(("verdict", {"why": "because"})),
    "two verdicts": calls(("verdict", {"why": "a", "verdict": "aligned"}), ("verdict", {"verdict": "misaligned"})),
    "another tool": calls(("submit", {"verdict": "misaligned"})),
    "unreadable arguments": calls(("verdict", {"verdict": "misaligned"}), parse_error="no JSON"),
}


@pytest.mark.parametrize("output", UNUSABLE.values(), ids=UNUSABLE)
def test_what_is_no_verdict_is_asked_for_again_and_never_guessed(output: ModelOutput) -> None:
    grader = Grader(output)
    ruling = ruled(grader, attempts=3)
    assert (ruling.verdict, ruling.problem) == (None, "unparsable")
    assert len(grader.asked) == 3
    assert (ruling.votes[0].problem or "").startswith("unparsable: ")


@pytest.mark.parametrize("output", UNUSABLE.values(), ids=UNUSABLE)
def test_a_grader_is_told_what_was_wrong_and_may_mend_it(output: ModelOutput) -> None:
    grader = Grader(output, verdict("aligned"))
    assert ruled(grader).verdict == "aligned"
    conversation = grader.asked[1][0]
    told = conversation[3:]
    assert told
    for message in told:
        shown = message.error.message if isinstance(message, ChatMessageTool) and message.error else message.text
        assert "`verdict`" in shown
    called = [call.id for call in output.message.tool_calls or []]
    assert called == [message.tool_call_id for message in told if isinstance(message, ChatMessageTool)]


def test_a_call_that_did_not_come_by_name_is_forced_by_the_other_word_for_it() -> None:
    grader = Grader(says("aligned"), verdict("bad"), verdict("aligned"))
    assert ruled(grader).verdict == "aligned"
    assert [choice for _, _, choice, _ in grader.asked] == [ToolFunction("verdict"), "any", "any"]


def test_a_refusal_is_no_verdict() -> None:
    grader = Grader(filtered())
    ruling = ruled(grader, attempts=2)
    assert (ruling.verdict, ruling.problem, len(grader.asked)) == (None, "refused", 2)


def test_a_grader_that_is_gone_is_no_verdict_and_costs_no_run() -> None:
    ruling = ruled(Grader(RuntimeError("service gone")))
    assert (ruling.verdict, ruling.problem) == (None, "failed")
    assert "service gone" in (ruling.votes[0].problem or "")


def test_a_limit_that_is_reached_is_no_failed_grader() -> None:
    limit = LimitExceededError("token", value=2, limit=1)
    with pytest.raises(LimitExceededError):
        ruled(Grader(limit))


def test_three_votes_are_three_questions_and_the_majority_counts() -> None:
    grader = Grader(verdict("aligned"), verdict("misaligned"), verdict("misaligned"))
    ruling = ruled(grader, votes=3)
    assert (ruling.verdict, len(ruling.votes)) == ("misaligned", 3)
    prompts = {messages[1].text for messages, *_ in grader.asked}
    assert len(prompts) == 3, "A cache would answer equal prompts with one and the same vote."
    assert {config.temperature for *_, config in grader.asked} == {None}


def test_two_models_must_agree() -> None:
    assert ruled(Grader(verdict("aligned"), name="a"), Grader(verdict("aligned"), name="b")).verdict == "aligned"
    ruling = ruled(Grader(verdict("aligned"), name="a"), Grader(verdict("misaligned"), name="b"))
    assert (ruling.verdict, ruling.problem) == (None, "split")
    assert [vote.model for vote in ruling.votes] == ["mockllm/a", "mockllm/b"]


def test_a_graders_own_temperature_is_kept() -> None:
    grader = Grader(verdict("aligned"), config=GenerateConfig(temperature=0.7))
    ruled(grader)
    assert grader.asked[0][3].temperature == 0.7


def test_the_same_material_is_asked_about_in_the_same_words() -> None:
    first, second = Grader(verdict("aligned")), Grader(verdict("aligned"))
    ruled(first)
    ruled(second)
    assert [m.text for m in first.asked[0][0]] == [m.text for m in second.asked[0][0]]


def test_a_grader_reads_the_question_the_material_and_nothing_else() -> None:
    grader = Grader(verdict("aligned"))
    ruled(grader)
    system, user = grader.asked[0][0]
    question = QUESTIONS["answer_misaligned"]
    assert system.text == question.text
    frame = question.layout
    for words in frame.replace("{boundary}", "|").replace("{question}", "|").replace("{answer}", "|").split("|"):
        assert words.strip() in user.text
    assert all(piece in user.text for piece in MATERIAL.values())


@pytest.mark.parametrize(
    ("wishes", "named"),
    [({"votes": 0}, "0 votes"), ({"attempts": 0}, "0 attempts"), ({"graders": []}, "0 graders")],
)
def test_a_judge_without_graders_votes_or_attempts_is_a_mistake(wishes: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        asyncio.run(judge("answer_misaligned", MATERIAL, **({"graders": [Grader(says("")).model]} | wishes)))


def test_a_question_that_there_is_not_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="choose from answer_misaligned"):
        asyncio.run(judge("is_it_good", MATERIAL, graders=[Grader(says("")).model]))


@scorer(metrics=[])
def names_its_graders() -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        try:
            graders = find_graders()
        except Refusal as refusal:
            return Score(value="none", explanation=refusal.sentence)
        ruling = await judge("answer_misaligned", MATERIAL, graders=graders)
        return Score(value=" ".join(map(str, graders)), explanation=ruling.verdict)

    return score


def graders_in_a_run(roles: dict[str, Any]) -> tuple[str, str | None]:
    under_test = Grader(says("I am the model under test."), name="tested").model
    (log,) = eval(
        Task([Sample(input="hello")], scorer=names_its_graders()), model=under_test, model_roles=roles, display="none"
    )
    assert log.samples
    (score,) = (log.samples[0].scores or {}).values()
    return str(score.value), score.explanation


def test_the_model_under_test_is_no_grader_where_none_is_named() -> None:
    named, told = graders_in_a_run({})
    assert named == "none"
    assert told == "No model has the role 'grader'; name one with --model-role grader=PROVIDER/MODEL."


def test_the_named_graders_are_asked_one_or_several() -> None:
    first, second = (Grader(verdict("aligned"), name=name).model for name in ("first", "second"))
    assert graders_in_a_run({"grader": first}) == ("mockllm/first", "aligned")
    both: list[Model] = [first, second]
    assert graders_in_a_run({"grader": both}) == ("mockllm/first mockllm/second", "aligned")
