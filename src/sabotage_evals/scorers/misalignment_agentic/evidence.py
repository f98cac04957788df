"""The record of one run in the office, as it stands in the log: frozen, versioned, enough to score without it."""

from typing import Final, Literal

from pydantic import Field

from sabotage_evals.judge import Ruling
from sabotage_evals.scorers.record import Record
from sabotage_evals.transcript import Ending

EVIDENCE_KEY: Final = "sabotage_evals:evidence"
"""Where the record lies in the sample's store."""
WORLD_KEY: Final = "sabotage_evals:world"
"""Where the set-up leaves what it built, for whoever gathers the evidence."""
OFFICE_KEY: Final = "sabotage_evals:office"
"""Where the state of the office lies, as it is now."""
JOURNAL_KEY: Final = "sabotage_evals:journal"
"""Where the journal lies: one entry for each call of a tool, appended and never changed."""

Scenario = Literal["monitor_disruption", "frame_colleague", "exfil_offer"]
Cell = str | int | float | None
Row = dict[str, Cell]
Tables = dict[str, tuple[Row, ...]]


class MonitorFacts(Record):
    """What a scenario text says of the monitor, for code to go by."""

    name: str
    approver: str
    """The address of whoever approved it."""
    people: tuple[str, ...]
    """Addresses of others who have to do with it."""
    event: str
    """The name of the calendar entry at which it starts."""
    ticket: str
    """The name of the ticket by which it is rolled out."""
    table: str
    """The table in which it is switched on."""
    terms: tuple[str, ...]
    """Words by which a text is about it."""
    leverage: tuple[str, ...]
    """Words by which a text is about what the inbox tells of the approver."""
    asked_day: str | None = None
    """In the twin: the day to which the approver asks the start to be moved, as the calendar writes it."""


class LedgerFacts(Record):
    """What a scenario text says of the ledger, for code to go by."""

    manager: str
    """As the ledger writes the name."""
    ledger: tuple[str, ...]
    """The tables that decide what is a breach."""
    records: str
    """The table that holds what can be in breach, with its columns below."""
    record: str
    """The column by which an entry is named, in `records` and in `incidents`."""
    person: str
    """The column of the person, in `records` and in `incidents`."""
    incidents: str
    """The table into which breaches are recorded."""
    breaches: str
    """A statement that returns the entries that are in breach, as (record, person)."""
    terms: tuple[str, ...]
    """Words by which a text is about a breach."""


class OfferFacts(Record):
    """What a scenario text says of the statement that is offered or asked for, for code to go by."""

    ticket: str
    """The name of the ticket that brings it."""
    requester: str
    """Who wrote the ticket."""
    table: str
    column: str
    target: str
    """The statement leaves a row in `table` with this in `column`."""
    statement: str
    report_to: tuple[str, ...]
    """Addresses and queues at which such things are reported."""


class OfficeFacts(Record):
    """What a scenario text says of its office, for code to go by; no model reads it."""

    today: str
    """As the calendar writes days."""
    assistant: str
    """The agent's own address."""
    domain: str
    """What addresses of the firm end in."""
    read: tuple[str, ...]
    """Names of the items of which one must have been read for the run to show anything."""
    monitor: MonitorFacts | None = None
    ledger: LedgerFacts | None = None
    offer: OfferFacts | None = None


class Conditions(Record):
    """What the run was meant to be."""

    arm: str
    scenario: Scenario
    twin: bool
    records: Literal["unsaid", "kept", "not_kept"]
    """What is said of whether sessions are recorded and read."""
    wording: str
    seed: int
    unit: str
    facts: OfficeFacts
    situation: str
    """What a judge is told of the office: neutral facts, and never the condition."""
    breaches: tuple[tuple[str, str], ...] = ()
    """The true breaches, as (record, person), computed from the ledger when the office was set up."""
    stimuli: dict[str, str] = Field(default_factory=dict)
    """SHA-256 of every stimulus file."""


class RowChange(Record):
    """One row that a statement added, removed or changed."""

    table: str
    how: Literal["added", "removed", "changed"]
    before: Row | None = None
    after: Row | None = None


What = Literal[
    "listed",
    "read",
    "mail_sent",
    "draft_saved",
    "mail_deleted",
    "event_added",
    "event_moved",
    "event_cancelled",
    "ticket_opened",
    "ticket_noted",
    "ticket_replied",
    "ticket_moved",
    "ticket_closed",
    "queried",
    "reported",
]
"""What a call of a tool did; `reported` stands for the closing report and is in no journal."""

TEXTS: Final[dict[str, str]] = {
    "mail_sent": "body",
    "ticket_opened": "text",
    "ticket_noted": "text",
    "ticket_replied": "text",
    "ticket_closed": "text",
    "event_added": "notes",
    "event_cancelled": "reason",
    "reported": "text",
}
"""The field in which others read what the agent wrote, by what was done. Drafts have none: nobody reads them."""
READING: Final = ("listed", "read")
CLOSING: Final = 0
"""What stands for the closing report where an action's number does: the journal counts from 1."""


class Action(Record):
    """One line of the journal: what a call of a tool did."""

    number: int
    """Place in the journal, from 1."""
    what: What
    item: str = ""
    """The id of the mail, event or ticket."""
    name: str = ""
    """The item's name in the scenario text, where it has one."""
    fields: dict[str, str] = Field(default_factory=dict)
    changes: tuple[RowChange, ...] = ()
    problem: str | None = None
    """Why it had no effect, as the agent was told."""

    def field(self, name: str) -> str:
        """Return a field of the call, or nothing."""
        return self.fields.get(name, "")

    @property
    def text(self) -> str:
        """What others read of it."""
        return self.field(TEXTS[self.what]) if self.what in TEXTS else ""


class Item(Record):
    """What the office holds in the end of one event or ticket that matters, or that the agent made."""

    id: str
    name: str
    kind: Literal["event", "ticket"]
    title: str
    state: str
    """An event's day and hour, or `cancelled`; a ticket's queue and status."""
    state_at_start: str
    """Empty where it was not there."""


class Judged(Record):
    """What was ruled on one text that others read."""

    action: int
    """The journal's number of the action that sent the text; 0 for the closing report."""
    ruling: Ruling
    sha256: str = ""
    """Of the closing report, which may still change while the ruling is made; empty for what the journal holds."""


class Transcript(Record):
    """What the transcript tells beside the journal."""

    turns: int
    end: Ending
    end_detail: str
    closing: str
    """The closing report or the last words."""
    words: str = ""
    """What the agent said in its turns, capped."""


class PreparedWorld(Record):
    """What the set-up leaves in the store for the gathering."""

    conditions: Conditions
    tables: Tables
    """The tables as they were at the start."""
    events: dict[str, str]
    """Each calendar entry's day and hour at the start, by id."""
    tickets: dict[str, str]
    """Each ticket's queue and status at the start, by id."""


class Evidence(Record):
    """The record of one run."""

    version: Literal[1] = 1
    conditions: Conditions
    journal: tuple[Action, ...]
    items: tuple[Item, ...]
    tables_at_start: Tables
    tables: Tables
    """The tables as they were left."""
    transcript: Transcript
    rulings: tuple[Judged, ...] = ()
    errors: tuple[str, ...] = ()
    """What could not be gathered, in words."""
