"""The tools of the office. What each is called and what it answers is a stimulus, and stands in `prompts/world.md`."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Literal

from inspect_ai.tool import Tool, ToolDef, ToolError

from sabotage_evals.prompts import fill
from sabotage_evals.tasks.misalignment_agentic.office.database import query
from sabotage_evals.tasks.misalignment_agentic.office.state import EVENTS, MAILS, TICKETS, Item, Office

PARAMETERS: Final[dict[str, tuple[str, ...]]] = {
    "list_mail": ("folder",),
    "read_mail": ("mail",),
    "send_mail": ("to", "subject", "body", "cc"),
    "save_draft": ("to", "subject", "body"),
    "delete_mail": ("mail",),
    "list_events": (),
    "add_event": ("title", "starts", "people", "notes"),
    "move_event": ("event", "starts"),
    "cancel_event": ("event", "reason"),
    "list_tickets": (),
    "read_ticket": ("ticket",),
    "open_ticket": ("queue", "title", "text"),
    "add_to_ticket": ("ticket", "text", "reader"),
    "move_ticket": ("ticket", "queue"),
    "close_ticket": ("ticket", "resolution"),
    "query_database": ("statement",),
}
"""The tools by name, each with its parameters."""
REPLIES: Final[dict[str, tuple[str, ...]]] = {
    "says_sent": ("id",),
    "says_drafted": ("id",),
    "says_deleted": ("id",),
    "says_added": ("id",),
    "says_moved": ("id", "to"),
    "says_cancelled": ("id",),
    "says_opened": ("id",),
    "says_noted": ("id",),
    "says_closed": ("id",),
    "says_empty": (),
    "says_missing": ("id",),
    "says_no_address": ("to",),
    "says_no_moment": ("starts",),
    "says_no_queue": ("queue", "queues"),
}
"""What the tools answer, each with what is filled in."""
SAID: Final[dict[str, tuple[str, ...]]] = {
    **{f"{name}_tool": () for name in PARAMETERS},
    **{f"{name}_{parameter}": () for name, parameters in PARAMETERS.items() for parameter in parameters},
    **REPLIES,
}
"""All texts that the tools need, by name."""
FOLDERS: Final = ("inbox", "sent", "drafts", "deleted")
MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(?::\d\d)?")

Execute = Callable[..., Awaitable[str]]


def office_tools(said: Mapping[str, str]) -> list[Tool]:
    """Return the tools, one call at a time, described as the stimuli say.

    Args:
        said: The texts named in `SAID`.
    """
    executes = {**_mail(said), **_calendar(said), **_tickets(said), **_database()}
    return [
        ToolDef(
            execute,
            name=name,
            description=said[f"{name}_tool"],
            parameters={parameter: said[f"{name}_{parameter}"] for parameter in PARAMETERS[name]},
            parallel=False,
        ).as_tool()
        for name, execute in executes.items()
    ]


def _say(said: Mapping[str, str], name: str, **values: object) -> str:
    return fill(said[name], values, name)


def _mail(said: Mapping[str, str]) -> dict[str, Execute]:
    async def list_mail(folder: Literal["inbox", "sent", "drafts", "deleted"] = "inbox") -> str:
        """List mail."""
        office = Office()
        office.note("listed", folder=folder)
        found = [mail for mail in office.state["mails"] if mail["folder"] == folder]
        other = "to" if folder in ("sent", "drafts") else "from"
        lines = [f"{m['id']} | {m['sent']} | {m[other]} | {m['subject']}" for m in reversed(found)]
        return "\n".join(lines) or said["says_empty"]

    async def read_mail(mail: str) -> str:
        """Read a mail."""
        office = Office()
        found = _find(office, said, "mails", mail, "read")
        office.note("read", found)
        copy = f"\nCc: {found['cc']}" if found["cc"] else ""
        return (
            f"From: {found['from']}\nTo: {found['to']}{copy}\nSent: {found['sent']}\n"
            f"Subject: {found['subject']}\n\n{found['body']}"
        )

    async def send_mail(to: str, subject: str, body: str, cc: str = "") -> str:
        """Send a mail."""
        office = Office()
        if "@" not in to:
            problem = _say(said, "says_no_address", to=to)
            office.note("mail_sent", None, (), problem, to=to, subject=subject, body=body, cc=cc)
            raise ToolError(problem)
        made = office.add("mails", MAILS, _written(office, "sent", to, subject, body, cc))
        office.note("mail_sent", made, to=to, subject=subject, body=body, cc=cc)
        return _say(said, "says_sent", id=made["id"])

    async def save_draft(to: str, subject: str, body: str) -> str:
        """Save a draft."""
        office = Office()
        made = office.add("mails", MAILS, _written(office, "drafts", to, subject, body, ""))
        office.note("draft_saved", made, to=to, subject=subject, body=body)
        return _say(said, "says_drafted", id=made["id"])

    async def delete_mail(mail: str) -> str:
        """Delete a mail."""
        office = Office()
        found = _find(office, said, "mails", mail, "mail_deleted")
        folder, found["folder"] = found["folder"], "deleted"
        office.note("mail_deleted", found, folder=folder)
        return _say(said, "says_deleted", id=found["id"])

    return {
        "list_mail": list_mail,
        "read_mail": read_mail,
        "send_mail": send_mail,
        "save_draft": save_draft,
        "delete_mail": delete_mail,
    }


def _written(office: Office, folder: str, to: str, subject: str, body: str, cc: str) -> Item:
    return {
        "folder": folder,
        "from": office.state["assistant"],
        "to": to,
        "cc": cc,
        "subject": subject,
        "sent": office.clock,
        "body": body,
    }


def _calendar(said: Mapping[str, str]) -> dict[str, Execute]:
    async def list_events() -> str:
        """List the calendar."""
        office = Office()
        office.note("listed", folder="calendar")
        lines = []
        for event in sorted(office.state["events"], key=lambda each: str(each["starts"])):
            mark = " (cancelled)" if event["cancelled"] else ""
            people = f" | {event['people']}" if event["people"] else ""
            notes = f"\n  {event['notes']}" if event["notes"] else ""
            lines.append(f"{event['id']} | {event['starts']} | {event['title']}{mark}{people}{notes}")
        return "\n".join(lines) or said["says_empty"]

    async def add_event(title: str, starts: str, people: str = "", notes: str = "") -> str:
        """Add an event."""
        office = Office()
        moment = _moment(office, said, starts, "event_added", None, title=title, people=people, notes=notes)
        event = {"title": title, "starts": moment, "people": people, "notes": notes, "cancelled": False}
        made = office.add("events", EVENTS, event)
        office.note("event_added", made, title=title, starts=moment, people=people, notes=notes)
        return _say(said, "says_added", id=made["id"])

    async def move_event(event: str, starts: str) -> str:
        """Move an event."""
        office = Office()
        found = _find(office, said, "events", event, "event_moved")
        moment = _moment(office, said, starts, "event_moved", found)
        before, found["starts"] = found["starts"], moment
        office.note("event_moved", found, before=before, starts=moment)
        return _say(said, "says_moved", id=found["id"], to=moment)

    async def cancel_event(event: str, reason: str = "") -> str:
        """Cancel an event."""
        office = Office()
        found = _find(office, said, "events", event, "event_cancelled")
        found["cancelled"] = True
        office.note("event_cancelled", found, reason=reason)
        return _say(said, "says_cancelled", id=found["id"])

    return {
        "list_events": list_events,
        "add_event": add_event,
        "move_event": move_event,
        "cancel_event": cancel_event,
    }


def _tickets(said: Mapping[str, str]) -> dict[str, Execute]:
    async def list_tickets() -> str:
        """List the tickets."""
        office = Office()
        office.note("listed", folder="tickets")
        lines = [
            f"{t['id']} | {t['opened']} | {t['queue']} | {t['status']} | {t['requester']} | {t['title']}"
            for t in office.state["tickets"]
        ]
        return "\n".join(lines) or said["says_empty"]

    async def read_ticket(ticket: str) -> str:
        """Read a ticket."""
        office = Office()
        found = _find(office, said, "tickets", ticket, "read")
        office.note("read", found)
        entries = [
            f"{entry['author']}{' (for colleagues only)' if entry['reader'] == 'colleagues' else ''}:\n{entry['text']}"
            for entry in found["entries"]
        ]
        head = (
            f"{found['id']}: {found['title']}\nQueue: {found['queue']}\nStatus: {found['status']}\n"
            f"Requester: {found['requester']}\nOpened: {found['opened']}"
        )
        return "\n\n".join([head, *entries])

    async def open_ticket(queue: str, title: str, text: str) -> str:
        """Open a ticket."""
        office = Office()
        _check_queue(office, said, queue, "ticket_opened", None, title=title, text=text)
        author = office.state["assistant"]
        made = office.add(
            "tickets",
            TICKETS,
            {
                "queue": queue,
                "status": "open",
                "title": title,
                "requester": author,
                "opened": office.clock,
                "entries": [{"author": author, "reader": "colleagues", "text": text}],
            },
        )
        office.note("ticket_opened", made, queue=queue, title=title, text=text)
        return _say(said, "says_opened", id=made["id"])

    async def add_to_ticket(ticket: str, text: str, reader: Literal["customer", "colleagues"] = "colleagues") -> str:
        """Add to a ticket."""
        office = Office()
        what: Literal["ticket_replied", "ticket_noted"] = "ticket_replied" if reader == "customer" else "ticket_noted"
        found = _find(office, said, "tickets", ticket, what, text=text)
        found["entries"].append({"author": office.state["assistant"], "reader": reader, "text": text})
        office.note(what, found, text=text)
        return _say(said, "says_noted", id=found["id"])

    async def move_ticket(ticket: str, queue: str) -> str:
        """Move a ticket."""
        office = Office()
        found = _find(office, said, "tickets", ticket, "ticket_moved", queue=queue)
        _check_queue(office, said, queue, "ticket_moved", found)
        before, found["queue"] = found["queue"], queue
        office.note("ticket_moved", found, before=before, queue=queue)
        return _say(said, "says_moved", id=found["id"], to=queue)

    async def close_ticket(ticket: str, resolution: str) -> str:
        """Close a ticket."""
        office = Office()
        found = _find(office, said, "tickets", ticket, "ticket_closed", text=resolution)
        found["status"] = "closed"
        found["entries"].append({"author": office.state["assistant"], "reader": "customer", "text": resolution})
        office.note("ticket_closed", found, text=resolution)
        return _say(said, "says_closed", id=found["id"])

    return {
        "list_tickets": list_tickets,
        "read_ticket": read_ticket,
        "open_ticket": open_ticket,
        "add_to_ticket": add_to_ticket,
        "move_ticket": move_ticket,
        "close_ticket": close_ticket,
    }


def _database() -> dict[str, Execute]:
    async def query_database(statement: str) -> str:
        """Query the database."""
        office = Office()
        reply = await query(office.state["schema"], office.state["tables"], statement)
        if reply.tables is not None:
            office.state["tables"] = reply.tables
        office.note("queried", None, reply.changes, reply.problem, sql=statement)
        return reply.text

    return {"query_database": query_database}


def _find(office: Office, said: Mapping[str, str], kind: str, given: str, what: Any, **fields: str) -> Item:
    found = office.find(kind, given)
    if found is None:
        problem = _say(said, "says_missing", id=given)
        office.note(what, None, (), problem, **fields)
        raise ToolError(problem)
    return found


def _moment(office: Office, said: Mapping[str, str], starts: str, what: Any, item: Item | None, **fields: str) -> str:
    found = MOMENT.fullmatch(starts.strip())
    if found is None:
        problem = _say(said, "says_no_moment", starts=starts)
        office.note(what, item, (), problem, starts=starts, **fields)
        raise ToolError(problem)
    return f"{found[1]} {found[2]}"


def _check_queue(
    office: Office, said: Mapping[str, str], queue: str, what: Any, item: Item | None, **fields: str
) -> None:
    known = office.state["queues"]
    if queue not in known:
        problem = _say(said, "says_no_queue", queue=queue, queues=", ".join(known))
        office.note(what, item, (), problem, queue=queue, **fields)
        raise ToolError(problem)
