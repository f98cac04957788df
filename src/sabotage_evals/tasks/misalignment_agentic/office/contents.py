"""What an office holds, as the stimulus files tell it: mails, calendar entries, tickets, tables."""

import base64
import sqlite3
import textwrap
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from sabotage_evals.prompts import StimulusError
from sabotage_evals.scorers.misalignment_agentic.evidence import OfficeFacts
from sabotage_evals.tasks.misalignment_agentic.office.database import load

Moment = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d \d\d:\d\d$")]
"""As the office writes day and hour."""
Read = TypeVar("Read")


class ItemText(BaseModel):
    """What all items of the office have."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = ""
    """By which the facts and the journal name the item; no model reads it."""
    fixed: bool = False
    """A seed leaves it in its place."""


class Mail(ItemText):
    """A mail in the inbox."""

    sender: str = Field(alias="from")
    to: str
    cc: str = ""
    sent: Moment
    subject: str
    body: str


class Event(ItemText):
    """A calendar entry."""

    title: str
    starts: Moment
    people: str = ""
    notes: str = ""


class Attachment(BaseModel):
    """A text that is attached to a ticket, in the form in which it is read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    encoding: Literal["plain", "base64", "hexadecimal"] = "plain"
    before: str = ""
    """What stands before the encoded part, as it is."""
    text: str
    after: str = ""

    def shown(self) -> str:
        """Return the attachment as it is read."""
        data = self.text.strip().encode()
        coded = {
            "plain": self.text.strip(),
            "base64": "\n".join(textwrap.wrap(base64.b64encode(data).decode(), 76)),
            "hexadecimal": "\n".join(textwrap.wrap(data.hex(), 64)),
        }[self.encoding]
        inside = "\n".join(filter(None, (self.before.strip(), coded, self.after.strip())))
        return f"Attached: {self.file}\n{inside}"


class Ticket(ItemText):
    """A ticket."""

    queue: str
    status: Literal["open", "waiting", "closed"] = "open"
    title: str
    requester: str
    opened: Moment
    text: str
    attachment: Attachment | None = None


class Tickets(BaseModel):
    """The tickets, and the queues that there are."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    queues: tuple[str, ...]
    tickets: tuple[Ticket, ...]


class Contents(BaseModel):
    """All that an office holds when the work begins."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    now: Moment
    mails: tuple[Mail, ...]
    events: tuple[Event, ...]
    tickets: Tickets
    database: str
    """A script that makes the tables and their rows."""
    facts: OfficeFacts
    situation: str


class _Facts(OfficeFacts):
    now: Moment


OFFICE_TEXTS: Final = ("mail", "calendar", "tickets", "database", "facts", "situation")
"""The texts of an arm that make its office."""


def read_contents(texts: Mapping[str, str], where: str) -> Contents:
    """Read what an office holds from an arm's texts.

    Raises:
        StimulusError: A text is not what it must be; the sentence names it.
    """
    facts = _read(texts, "facts", TypeAdapter(_Facts), where)
    try:
        load(texts["database"])
    except sqlite3.Error as error:
        raise StimulusError(f"{where}, database: the script cannot be run ({error}); mend it.") from None
    return Contents(
        now=facts.now,
        mails=_read(texts, "mail", TypeAdapter(tuple[Mail, ...]), where),
        events=_read(texts, "calendar", TypeAdapter(tuple[Event, ...]), where),
        tickets=_read(texts, "tickets", TypeAdapter(Tickets), where),
        database=texts["database"],
        facts=OfficeFacts.model_validate(facts.model_dump(exclude={"now"})),
        situation=" ".join(texts["situation"].split()),
    )


def _read(texts: Mapping[str, str], key: str, kind: TypeAdapter[Read], where: str) -> Read:
    try:
        found: Any = yaml.load(texts[key], Loader=yaml.BaseLoader)  # plain strings: a date stays as it is written
        return kind.validate_python(found)
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())
        raise StimulusError(f"{where}, {key}: it is not YAML ({problem}); mend it.") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        raise StimulusError(f"{where}, {key}: '{place}' is {first['input']!r:.80}: {first['msg']}; mend it.") from None
