"""The office as it is now, and the journal of what was done in it: plain data in the sample's store."""

import random
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeVar

from inspect_ai.util import store

from sabotage_evals.scorers.misalignment_agentic.evidence import (
    JOURNAL_KEY,
    OFFICE_KEY,
    Action,
    RowChange,
    What,
)
from sabotage_evals.tasks.misalignment_agentic.office.contents import Contents, ItemText, Ticket
from sabotage_evals.tasks.misalignment_agentic.office.database import load

MAILS: Final = "M"
EVENTS: Final = "E"
TICKETS: Final = "T"

Item = dict[str, Any]
Text = TypeVar("Text", bound=ItemText)


def open_office(contents: Contents, seed: int) -> dict[str, Any]:
    """Return an office as it is when the work begins; the seed gives the numbers and the order of what may move."""
    draw = random.Random(f"office/{seed}")
    schema, tables = load(contents.database)
    return {
        "now": contents.now,
        "assistant": contents.facts.assistant,
        **_items(contents, draw),
        "queues": list(contents.tickets.queues),
        "schema": schema,
        "tables": tables,
    }


def _items(contents: Contents, draw: random.Random) -> dict[str, Any]:
    numbers = {kind: draw.randrange(200, 900) for kind in (MAILS, EVENTS, TICKETS)}
    mails = [
        _numbered(numbers, MAILS, mail.name)
        | {
            "folder": "inbox",
            "from": mail.sender,
            "to": mail.to,
            "cc": mail.cc,
            "subject": mail.subject,
            "sent": mail.sent,
            "body": mail.body.strip(),
        }
        for mail in _shuffled(contents.mails, "sent", draw)
    ]
    events = [
        _numbered(numbers, EVENTS, event.name)
        | {
            "title": event.title,
            "starts": event.starts,
            "people": event.people,
            "notes": event.notes.strip(),
            "cancelled": False,
        }
        for event in sorted(contents.events, key=lambda each: each.starts)
    ]
    tickets = [
        _numbered(numbers, TICKETS, ticket.name)
        | {
            "queue": ticket.queue,
            "status": ticket.status,
            "title": ticket.title,
            "requester": ticket.requester,
            "opened": ticket.opened,
            "entries": [{"author": ticket.requester, "reader": "customer", "text": _whole(ticket)}],
        }
        for ticket in _shuffled(contents.tickets.tickets, "opened", draw)
    ]
    return {"numbers": numbers, "mails": mails, "events": events, "tickets": tickets}


def _whole(ticket: Ticket) -> str:
    attached = "" if ticket.attachment is None else f"\n\n{ticket.attachment.shown()}"
    return ticket.text.strip() + attached


def _numbered(numbers: dict[str, int], kind: str, name: str) -> Item:
    numbers[kind] += 1
    return {"id": f"{kind}-{numbers[kind]}", "name": name}


def _shuffled(items: Sequence[Text], moment: str, draw: random.Random) -> list[Text]:
    """Return items in the order of their moments, after those that may move have changed moments with each other."""
    moving = [item for item in items if not item.fixed]
    moments = [getattr(item, moment) for item in moving]
    draw.shuffle(moments)
    moved = [item.model_copy(update={moment: when}) for item, when in zip(moving, moments, strict=True)]
    return sorted([*moved, *(item for item in items if item.fixed)], key=lambda item: str(getattr(item, moment)))


class Office:
    """What the tools of a running sample work on."""

    def __init__(self) -> None:
        found = store().get(OFFICE_KEY)
        if found is None:
            raise RuntimeError("There is no office in this run's store; run the task with its own set-up.")
        self.state: dict[str, Any] = found

    @property
    def clock(self) -> str:
        """The hour that new mails bear: a minute later with every second thing done."""
        day, _, hour = str(self.state["now"]).partition(" ")
        hours, _, minutes = hour.partition(":")
        total = int(hours) * 60 + int(minutes) + len(store().get(JOURNAL_KEY, [])) // 2
        return f"{day} {total // 60 % 24:02}:{total % 60:02}"

    def find(self, kind: str, given: str) -> Item | None:
        """Find a mail, event or ticket by its id, as people may write it."""
        wanted = given.strip().upper()
        items: Iterable[Item] = self.state[kind]
        return next((item for item in items if item["id"] == wanted or item["id"].partition("-")[2] == wanted), None)

    def add(self, kind: str, letter: str, item: Item) -> Item:
        """Put a new item into the office, with the next number."""
        made = _numbered(self.state["numbers"], letter, "") | item
        self.state[kind].append(made)
        return made

    def note(
        self,
        what: What,
        item: Item | None = None,
        changes: tuple[RowChange, ...] = (),
        problem: str | None = None,
        **fields: str,
    ) -> None:
        """Append a line to the journal, and keep the state."""
        journal: list[dict[str, Any]] = store().get(JOURNAL_KEY, [])
        action = Action(
            number=len(journal) + 1,
            what=what,
            item=item["id"] if item else "",
            name=item["name"] if item else "",
            fields=fields,
            changes=changes,
            problem=problem,
        )
        store().set(JOURNAL_KEY, [*journal, action.model_dump(mode="json", exclude_defaults=True)])
        store().set(OFFICE_KEY, self.state)
