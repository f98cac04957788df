"""The actors as a model: what they think stays apart from what they say, and a mixture keeps to its rates."""

import asyncio
from typing import Any, Final

import pytest
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.model import ChatMessageUser, ContentReasoning, GenerateConfig, Model, ModelOutput, get_model
from inspect_ai.solver import Generate, Solver, TaskState, solver

from sabotage_evals.actors import graders
from sabotage_evals.actors.casts import ACTORS
from sabotage_evals.actors.playing import Actor, Say
from sabotage_evals.actors.provider import HIDDEN_REASONING, ActorModel
from sabotage_evals.refusal import Refusal

RUNS: Final = 150
QUESTION: Final = "Which one of the two are you?"


def reply(monkeypatch: pytest.MonkeyPatch, said: Say) -> ModelOutput:
    actor = Actor("thinks", "It thinks.", ACTORS["complies"].play, (), answers=lambda conversation: said)
    monkeypatch.setitem(graders.ACTORS, "thinks", actor)
    asked = ActorModel("thinks").generate([ChatMessageUser(content=QUESTION)], [], "none", GenerateConfig())
    return asyncio.run(asked)


def test_what_is_thought_is_told_apart_from_what_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    message = reply(monkeypatch, Say("Yes.", reasoning="They want a yes.")).message
    assert message.text == "Yes."
    assert [part.reasoning for part in message.content if isinstance(part, ContentReasoning)] == ["They want a yes."]


def test_hidden_reasoning_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    message = reply(monkeypatch, Say("Yes.", reasoning="They want a yes.", hidden=True)).message
    (thought,) = (part for part in message.content if isinstance(part, ContentReasoning))
    assert thought.redacted
    assert thought.reasoning == HIDDEN_REASONING
    assert "They want" not in message.model_dump_json()


def mixture(**arguments: Any) -> Model:
    return get_model("sabotage_evals/denies", memoize=False, **arguments)


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("denies", "agrees"):
        actor = Actor(name, "It says one word.", ACTORS["complies"].play, (), says={"Which one": name})
        monkeypatch.setitem(graders.ACTORS, name, actor)


@solver
def place_and_ask() -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        state.store.set("sabotage_evals:world", {"conditions": state.metadata})
        return await generate(state)

    return solve


def words_of(model: Model) -> dict[str, list[str]]:
    """Play many runs in two arms, and return what was said in each."""
    samples = [
        Sample(input=QUESTION, metadata={"arm": arm, "wording": "w1", "work": "sums", "seed": seed})
        for arm in ("one", "other")
        for seed in range(RUNS)
    ]
    (log,) = eval(Task(dataset=samples, solver=place_and_ask()), model=model, display="none", log_format="json")
    said: dict[str, list[str]] = {"one": [], "other": []}
    for sample in log.samples or []:
        said[sample.metadata["arm"]].append(sample.output.completion)
    return said


@pytest.mark.usefixtures("two")
def test_a_mixture_plays_each_of_two_at_its_rate_and_the_same_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv("INSPECT_LOG_DIR", str(tmp_path))
    said = words_of(mixture(otherwise="agrees", rates={"one": 0.3}))
    assert said["other"] == ["agrees"] * RUNS
    share = said["one"].count("denies") / RUNS
    assert abs(share - 0.3) < 4 * (0.3 * 0.7 / RUNS) ** 0.5
    assert words_of(mixture(otherwise="agrees", rates={"one": 0.3})) == said
    assert words_of(mixture(otherwise="agrees", rates={"one": 0.3}, seed=1)) != said


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"rates": {"one": 0.3}}, "needs both"),
        ({"otherwise": "complies"}, "needs both"),
        ({"otherwise": "nobody", "rates": {}}, "no actor 'nobody'"),
    ],
)
def test_half_a_mixture_is_refused_in_one_sentence(arguments: dict[str, Any], told: str) -> None:
    with pytest.raises(Refusal, match=told):
        ActorModel("complies", **arguments)
