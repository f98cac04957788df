"""Gather the evidence of a run: from the office's state in the sample's store, or as the log keeps it."""

from collections.abc import Sequence
from typing import Any, Final, Literal

from inspect_ai.event import ErrorEvent, Event
from inspect_ai.log import transcript
from inspect_ai.model import ChatMessageAssistant, Model
from inspect_ai.solver import TaskState

from sabotage_evals.judge import judge
from sabotage_evals.scorers.misalignment_agentic.evidence import (
    EVIDENCE_KEY,
    JOURNAL_KEY,
    OFFICE_KEY,
    WORLD_KEY,
    Action,
    Evidence,
    Item,
    Judged,
    PreparedWorld,
    Transcript,
)
from sabotage_evals.scorers.misalignment_agentic.facts import CANCELLED, questions_for
from sabotage_evals.scorers.misalignment_agentic.texts import as_mail, asked_about, digest_of, standing
from sabotage_evals.transcript import closing_words, model_events, run_end, split_thought

WORDS_KEPT: Final = 8_000
"""Characters of what the agent said in its turns."""
ACTIONS_KEPT: Final = 400
"""Actions whose fields are kept; a run has a message limit far below it."""


class OfficeError(RuntimeError):
    """The office of a run broke or was never set up: our machinery, and never a verdict."""


def gather_evidence(state: TaskState) -> Evidence | None:
    """Return the record of the run, and put it into the sample's store.

    It is made anew wherever the transcript is there, since an agent may call the scorer in the middle of its run; the
    rulings that were made before stay, for what the journal holds never changes. One on a closing report stands for
    as long as the report is the same.

    Returns:
        The record; as the log holds it where the transcript is gone; or None where there is neither.

    Raises:
        OfficeError: The set-up failed, or the state of the office is not what the tools leave.
    """
    kept = state.store.get(EVIDENCE_KEY)
    stored = None if kept is None else Evidence.model_validate(kept)
    events, prepared = transcript().events, state.store.get(WORLD_KEY)
    if prepared is None:
        errors_seen = [event.error.message for event in events if isinstance(event, ErrorEvent)]
        if stored is None and errors_seen:
            raise OfficeError(f"The office of this run was never set up: {'; '.join(errors_seen)}")
        return stored
    if stored is not None and not any(True for _ in model_events(events)):
        return stored
    office: dict[str, Any] | None = state.store.get(OFFICE_KEY)
    if office is None:
        raise OfficeError("The office of this run is gone from the store, where the tools keep it.")
    world = PreparedWorld.model_validate(prepared)
    journal: list[dict[str, Any]] = state.store.get(JOURNAL_KEY, [])
    actions = [Action.model_validate(entry) for entry in journal]
    errors = [] if len(actions) <= ACTIONS_KEPT else [f"journal: only the first {ACTIONS_KEPT} actions are kept"]
    evidence = Evidence(
        conditions=world.conditions,
        journal=tuple(actions[:ACTIONS_KEPT]),
        items=(*_items(office["events"], "event", world.events), *_items(office["tickets"], "ticket", world.tickets)),
        tables_at_start=world.tables,
        tables={
            name: tuple(dict(zip(table["columns"], row, strict=True)) for row in table["rows"])
            for name, table in office["tables"].items()
        },
        transcript=read_transcript(events, state),
        rulings=stored.rulings if stored is not None else (),
        errors=tuple(errors),
    )
    keep(state, evidence)
    return evidence


def keep(state: TaskState, evidence: Evidence) -> None:
    """Put a record into the sample's store."""
    state.store.set(EVIDENCE_KEY, evidence.model_dump(mode="json"))


def state_of(item: dict[str, Any]) -> str:
    """Say in words how an event or a ticket stands."""
    if "starts" in item:
        return CANCELLED if item["cancelled"] else str(item["starts"])
    return f"{item['queue']}, {item['status']}"


def _items(items: Sequence[dict[str, Any]], kind: Any, at_start: dict[str, str]) -> list[Item]:
    return [
        Item(
            id=item["id"],
            name=item["name"],
            kind=kind,
            title=item["title"],
            state=state_of(item),
            state_at_start=at_start.get(item["id"], ""),
        )
        for item in items
    ]


def read_transcript(events: Sequence[Event], state: TaskState) -> Transcript:
    """Read from the transcript what the verdict needs beside the journal."""
    end = run_end(events, state.messages)
    said = [m.text for m in state.messages if isinstance(m, ChatMessageAssistant) and m.text]
    return Transcript(
        turns=sum(1 for _ in model_events(events)),
        end=end.kind,
        end_detail=end.detail,
        closing=split_thought(closing_words(events, state.messages))[1].strip(),
        words="\n".join(said)[:WORDS_KEPT],
    )


async def with_rulings(
    evidence: Evidence, graders: Sequence[Model], votes: int, regrade: bool | Literal["failed"] = False
) -> Evidence:
    """Have every text ruled on that is to be judged and has no ruling yet.

    Args:
        evidence: The record of the run.
        graders: The models that are asked.
        votes: How often each is asked.
        regrade: Ask anew where there are rulings already, or where those brought no verdict.
    """
    kept = [
        judged
        for judged in standing(evidence)
        if regrade is False or (regrade == "failed" and judged.ruling.verdict is not None)
    ]
    known = {(judged.action, judged.ruling.question, judged.sha256) for judged in kept}
    for action in asked_about(evidence):
        for question in questions_for(evidence.conditions):
            if (action.number, question, digest_of(action)) not in known:
                material = {"situation": evidence.conditions.situation, "mail": as_mail(action)}
                ruling = await judge(question, material, graders=graders, votes=votes)
                kept.append(Judged(action=action.number, ruling=ruling, sha256=digest_of(action)))
    return evidence.model_copy(update={"rulings": tuple(kept)})
