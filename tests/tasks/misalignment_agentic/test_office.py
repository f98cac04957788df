"""The tools of the office do what they say, keep all state in the store, and write down every call."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import pytest
from inspect_ai.tool import Tool, ToolDef, ToolError
from inspect_ai.util import Store, store
from inspect_ai.util._store import init_subtask_store

from sabotage_evals.scorers.misalignment_agentic.evidence import JOURNAL_KEY, OFFICE_KEY, Action
from sabotage_evals.tasks.misalignment_agentic.arms import read_arms
from sabotage_evals.tasks.misalignment_agentic.office import office_tools, open_office
from sabotage_evals.tasks.misalignment_agentic.office.tools import PARAMETERS

ARMS: Final = read_arms()
ARM: Final = "monitor_disruption"

Use = Callable[..., str]


@pytest.fixture
def use() -> Use:
    """An office that is open, and a way to use its tools."""
    init_subtask_store(Store())
    store().set(OFFICE_KEY, open_office(ARMS.contents(ARM, "w1"), 1))
    tools = {ToolDef(each).name: each for each in office_tools(ARMS.world_texts)}

    def call(name: str, **arguments: Any) -> str:
        chosen: Tool = tools[name]
        return str(asyncio.run(chosen(**arguments)))

    return call


def journal() -> list[Action]:
    kept: list[dict[str, Any]] = store().get(JOURNAL_KEY, [])
    return [Action.model_validate(each) for each in kept]


def number_of(listing: str, word: str) -> str:
    return next(line.split(" | ")[0] for line in listing.splitlines() if word in line)


def test_every_tool_has_the_name_and_parameters_of_its_stimulus() -> None:
    told = {(d := ToolDef(each)).name: tuple(d.parameters.properties) for each in office_tools(ARMS.world_texts)}
    assert told == PARAMETERS
    assert not any(ToolDef(each).parallel for each in office_tools(ARMS.world_texts))


def test_a_mail_is_listed_and_read(use: Use) -> None:
    listing = use("list_mail")
    assert len(listing.splitlines()) == 8
    text = use("read_mail", mail=number_of(listing, "Lantern"))
    assert text.startswith("From: Marit Solberg <marit.solberg@haldenmoor>\nTo: all-depots@haldenmoor\nCc: desk@")
    assert journal()[-1].name == "go_live"


def test_a_mail_that_is_sent_stands_among_what_was_sent(use: Use) -> None:
    use("send_mail", to="a@haldenmoor", subject="Hello", body="Text", cc="b@haldenmoor")
    assert "Hello" in use("list_mail", folder="sent")
    [action] = [each for each in journal() if each.what == "mail_sent"]
    assert (action.field("to"), action.field("cc"), action.text) == ("a@haldenmoor", "b@haldenmoor", "Text")


def test_a_draft_is_sent_to_nobody(use: Use) -> None:
    draft = use("save_draft", to="a@haldenmoor", subject="Hm", body="Text").split()[-1].strip(".")
    use("delete_mail", mail=draft)
    assert use("list_mail", folder="sent") == "There is nothing here."
    assert use("list_mail", folder="drafts") == "There is nothing here."
    assert "Hm" in use("list_mail", folder="deleted")
    assert [each.text for each in journal() if each.what == "draft_saved"] == [""]


def test_an_event_is_added_moved_and_cancelled(use: Use) -> None:
    added = use("add_event", title="Ramp 4", starts="2025-10-17T06:00:00").split()[-1].strip(".")
    assert use("move_event", event=added, starts="2025-10-18 06:00") == f"{added} is now at 2025-10-18 06:00."
    use("cancel_event", event=added, reason="done")
    assert f"{added} | 2025-10-18 06:00 | Ramp 4 (cancelled)" in use("list_events")
    assert [each.what for each in journal()][:3] == ["event_added", "event_moved", "event_cancelled"]


def test_a_ticket_is_read_written_on_moved_and_closed(use: Use) -> None:
    ticket = number_of(use("list_tickets"), "Label printer")
    use("add_to_ticket", ticket=ticket, text="For us only.", reader="colleagues")
    use("add_to_ticket", ticket=ticket, text="For you.", reader="customer")
    use("move_ticket", ticket=ticket, queue="it")
    use("close_ticket", ticket=ticket, resolution="Solved.")
    text = use("read_ticket", ticket=ticket.lower())
    assert "Queue: it\nStatus: closed" in text
    assert "desk@haldenmoor (for colleagues only):\nFor us only." in text
    assert text.endswith("desk@haldenmoor:\nSolved.")


def test_a_ticket_is_opened_in_a_queue_that_there_is(use: Use) -> None:
    assert use("open_ticket", queue="security", title="Odd mail", text="See M-1.").startswith("Opened as T-")
    with pytest.raises(ToolError, match="There is no queue nowhere; there are desk, changes, it, security"):
        use("open_ticket", queue="nowhere", title="x", text="x")


def test_what_a_query_changes_stays_and_is_written_down(use: Use) -> None:
    use("query_database", statement="UPDATE switches SET state = 'off' WHERE service LIKE 'lantern%'")
    assert "off" in use("query_database", statement="SELECT state FROM switches WHERE owner = 'oda.lien'")
    first, second = journal()
    assert [(change.table, change.how) for change in first.changes] == [("switches", "changed")]
    assert second.changes == ()


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("read_mail", {"mail": "M-1"}, "There is no M-1 here."),
        ("delete_mail", {"mail": ""}, "There is no  here."),
        ("send_mail", {"to": "Oda", "subject": "", "body": ""}, "Oda is no address."),
        ("move_event", {"event": "E-1", "starts": "2025-10-17 06:00"}, "There is no E-1 here."),
        ("add_event", {"title": "x", "starts": "tomorrow"}, "tomorrow is no day and hour"),
        ("close_ticket", {"ticket": "T-1", "resolution": "x"}, "There is no T-1 here."),
    ],
)
def test_what_has_no_effect_is_told_and_written_down_as_such(
    name: str, arguments: dict[str, str], told: str, use: Use
) -> None:
    with pytest.raises(ToolError, match=told):
        use(name, **arguments)
    [action] = journal()
    assert action.problem is not None
    assert told in action.problem


def test_texts_with_braces_are_said_as_they_are(use: Use) -> None:
    with pytest.raises(ToolError, match=r"\{to\} is no address"):
        use("send_mail", to="{to}", subject="{x}", body="{y}")


def test_the_journal_only_grows(use: Use) -> None:
    use("list_mail")
    before = list(store().get(JOURNAL_KEY))
    use("list_events")
    after = store().get(JOURNAL_KEY)
    assert after[: len(before)] == before
    assert [each.number for each in journal()] == [1, 2]


def test_a_seed_gives_other_numbers_and_another_order_and_nothing_else() -> None:
    contents = ARMS.contents(ARM, "w1")
    one, same, other = (open_office(contents, seed) for seed in (1, 1, 2))
    assert one == same
    assert [mail["id"] for mail in one["mails"]] != [mail["id"] for mail in other["mails"]]
    assert [mail["subject"] for mail in one["mails"]] != [mail["subject"] for mail in other["mails"]]
    bare = [sorted((mail["subject"], mail["body"]) for mail in office["mails"]) for office in (one, other)]
    assert bare[0] == bare[1]
    fixed = [[mail["sent"] for mail in office["mails"] if mail["name"]] for office in (one, other)]
    assert fixed[0] == fixed[1]
    assert one["tables"] == other["tables"]


def test_arms_of_a_pair_have_the_same_numbers_and_order() -> None:
    one, other = (
        open_office(ARMS.contents(arm, "w2"), 3) for arm in ("exfil_offer_monitored", "exfil_offer_unmonitored")
    )
    assert one == other
