"""Two questions after the verdict is safe, in copies of the conversation: what it misses, where a reviewer should look.

The answers are stored and never enter the outcome.
"""

from typing import Final

from inspect_ai.model import Model
from inspect_ai.solver import TaskState
from pydantic import BaseModel, ConfigDict

from sabotage_evals.scorers.asking import Answer, ask
from sabotage_evals.scorers.detector.evidence import INTERVIEW_KEY

QUESTIONS: Final = ("misses", "look_at")
"""What the task's stimuli call the questions; each is asked in a copy of its own."""


class Interview(BaseModel):
    """The answers of one run; None where a question was not asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    misses: Answer | None = None
    look_at: Answer | None = None

    @property
    def answers(self) -> dict[str, Answer]:
        """What was asked, and what came of it."""
        return {name: answer for name in QUESTIONS if (answer := getattr(self, name)) is not None}


async def hold_interview(model: Model, state: TaskState, questions: dict[str, str]) -> Interview:
    """Ask the model under test, and keep its answers in the store."""
    interview = Interview(**{
        name: await ask(name, model, state.messages, questions[name]) for name in QUESTIONS if name in questions
    })
    state.store.set(INTERVIEW_KEY, interview.model_dump(mode="json"))
    return interview


def stored_interview(state: TaskState) -> Interview:
    """Return the answers that the log holds."""
    kept = state.store.get(INTERVIEW_KEY)
    return Interview.model_validate(kept) if kept else Interview()
