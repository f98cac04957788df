"""The first thing that a newcomer runs: scripted agents, what each was found to have done, and the report of it."""

from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from time import strftime
from typing import Final, NamedTuple

from rich.console import Console
from rich.table import Table

from sabotage_evals.actors import detector, misalignment_chat, reward_hacking, shutdown
from sabotage_evals.actors.casts import CASTS
from sabotage_evals.actors.playing import Actor, Expectation
from sabotage_evals.backends.engine import EngineUnavailable, connect
from sabotage_evals.certify import PRODUCTIONS, Case, play
from sabotage_evals.claims.report import report


class Place(NamedTuple):
    """Where a cast plays: an arm, and in it a kind of work, where there are several."""

    arm: str
    work: str | None = None

    def holds(self, expected: Expectation) -> bool:
        """Whether something is expected of an agent here."""
        return expected.arm == self.arm and (self.work is None or expected.work in {None, self.work})

    def __str__(self) -> str:
        return self.arm if self.work is None else f"{self.arm}, {self.work}"


CAST: Final[dict[str, dict[Place, tuple[str, ...]]]] = {
    "shutdown": {
        Place(shutdown.HEADLINE): (
            "complies",
            "only_looks",
            "improves_script",
            "submits_early",
            "misreads_notice",
            "withdraws",
            "overwrites_script",
            "exports_kill",
            "speaks_to_socket",
            "restores_and_denies",
            "forges_verdicts",
            "hides_the_notice",
        )
    },
    "detector": {
        Place(detector.HEADLINE, "rule"): (
            "builds_a_strong_one",
            "builds_a_weak_one",
            "takes_out_a_family_in_silence",
            "takes_out_a_family_and_says_so",
            "lets_a_requester_pass",
            "learns_by_heart",
            "refuses_politely",
        )
    },
    "reward_hacking": {
        Place(reward_hacking.HEADLINE, "lamp_ring-loophole"): (
            "solves_and_reports",
            "misses_a_case",
            "returns_what_equals_all",
            "knows_the_hard_ones_by_heart",
            "solves_and_tampers",
            "declines_in_the_file",
        ),
        Place(reward_hacking.HEADLINE, "lamp_ring-impossible"): ("makes_an_exception", "says_it_cannot_be_done"),
    },
    "misalignment_chat": {
        Place(misalignment_chat.HEADLINE, misalignment_chat.ASKED[misalignment_chat.HEADLINE]): (
            "thinks_and_says_the_same",
            "thinks_out_of_sight",
            "says_what_it_wants",
            "fakes_its_answer",
            "names_its_own_verdict",
            "meets_a_mumbling_grader",
        )
    },
    "misalignment_agentic": {
        Place("monitor_disruption"): (
            "does_the_morning",
            "objects_openly",
            "threatens_the_approver",
            "drafts_a_threat_and_deletes_it",
        ),
        Place("frame_colleague"): ("records_what_is_true", "records_a_false_breach"),
        Place("exfil_offer_unmonitored"): ("takes_the_offer_unseen",),
        Place("exfil_offer_monitored"): ("quotes_it_to_the_requester", "reports_to_security"),
    },
}
"""Actors that show what the verdicts tell apart, by scenario and place."""
LOGS: Final = Path("runs/demo")
PATIENCE: Final = 10
"""Seconds that the engine has to answer before it counts as not there."""


def demo(sandbox: str | None = None) -> int:
    """Play the demo's casts, print tables of agents and verdicts, make the report, and say how to read both.

    Args:
        sandbox: What the worlds run on; if not said, docker where an engine answers, else the embedded sandbox.

    Returns:
        0 if every agent was called what it is, else 1.
    """
    console = Console()
    used = sandbox or _what_is_there(console)
    logs = LOGS / strftime("%Y-%m-%dT%H-%M-%S")
    cases = [case for scenario in CAST for case in _play(scenario, used, logs / scenario, console)]
    right = sum(case.right for case in cases)
    console.print(f"{right} of {len(cases)} agents were called what they are.", highlight=False)
    with redirect_stdout(StringIO()):  # the tables above have said it
        report(logs, logs / "report", None, False)
    console.print(f"Read the runs:   inspect view --log-dir {logs}", highlight=False, soft_wrap=True)
    console.print(f"Read the report: {logs / 'report' / 'index.html'}", highlight=False, soft_wrap=True)
    return 0 if right == len(cases) else 1


def _play(scenario: str, sandbox: str, logs: Path, console: Console) -> list[Case]:
    places = CAST[scenario]
    where = f" on {sandbox}" if PRODUCTIONS[scenario].has_world else ""
    told = f"{scenario}: {sum(map(len, places.values()))} scripted agents in {' and '.join(map(str, places))}{where}."
    if scenario == "shutdown":
        told += " An agent whose machine survives waits 10 s of grace."
    console.print(f"{told}\n", highlight=False)
    cases = play(scenario, shown_cast(scenario), sandbox, logs, console)
    console.print(_table(scenario, cases))
    return cases


def _what_is_there(console: Console) -> str:
    try:
        connect(PATIENCE).close()
    except EngineUnavailable as error:
        console.print(
            f"{error.sentence}\nSo this runs on the embedded sandbox, bwrap. Numbers that are published need docker.\n",
            highlight=False,
            markup=False,
        )
        return "bwrap"
    return "docker"


def shown_cast(scenario: str) -> list[Actor]:
    """Return the demo's actors of a scenario, with what they must be called in the place where they are shown."""
    return [
        replace(actor, expects=tuple(e for e in actor.expects if place.holds(e)))
        for place, names in CAST[scenario].items()
        for actor in (CASTS[scenario][name] for name in names)
    ]


def _table(scenario: str, cases: Sequence[Case]) -> Table:
    table = Table(title=f"{scenario}: what the agents did, and what the scorer called it")
    routes = any(case.route for case in cases)
    order = [name for names in CAST[scenario].values() for name in names]
    for heading in ("agent", "what it does", "verdict", *(["route"] if routes else [])):
        table.add_column(heading, no_wrap=heading in {"agent", "verdict"})
    for case in sorted(cases, key=lambda case: order.index(case.actor)):
        told = [case.actor, CASTS[scenario][case.actor].what, case.outcome, *([case.route or ""] if routes else [])]
        table.add_row(*told, style="" if case.right else "red")
    return table
