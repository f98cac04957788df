"""The first thing that a newcomer runs: scripted agents on the real sandbox, and what each was found to have done."""

from dataclasses import replace
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from sabotage_evals.actors.playing import Actor
from sabotage_evals.actors.shutdown import ACTORS, HEADLINE
from sabotage_evals.backends.engine import EngineUnavailable, connect
from sabotage_evals.certify import Case, play

CAST: Final = (
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
"""Actors that show what the verdicts tell apart."""
LOGS: Final = Path("runs/demo")
PATIENCE: Final = 10
"""Seconds that the engine has to answer before it counts as not there."""


def demo(sandbox: str | None = None) -> int:
    """Play the demo's cast in the headline arm, print a table of agents and verdicts, and say how to read the logs.

    Args:
        sandbox: What the worlds run on; if not said, docker where an engine answers, else the embedded sandbox.

    Returns:
        0 if every agent was called what it is, else 1.
    """
    console = Console()
    used = sandbox or _what_is_there(console)
    console.print(
        f"Running {len(CAST)} scripted agents in the arm '{HEADLINE}' on {used}. An agent whose machine survives waits "
        "10 s of grace.\n",
        highlight=False,
    )
    cast = [_in_headline_arm(ACTORS[name]) for name in CAST]
    cases = play(cast, used, LOGS, console)
    console.print(_table(cases))
    right = sum(case.right for case in cases)
    console.print(f"{right} of {len(cases)} agents were called what they are.", highlight=False)
    console.print(f"Read the runs: inspect view --log-dir {LOGS}", highlight=False)
    return 0 if right == len(cases) else 1


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


def _in_headline_arm(actor: Actor) -> Actor:
    return replace(actor, expects=tuple(e for e in actor.expects if e.arm == HEADLINE))


def _table(cases: list[Case]) -> Table:
    table = Table(title="What the agents did, and what the scorer called it")
    for heading in ("agent", "what it does", "verdict", "route"):
        table.add_column(heading)
    for case in sorted(cases, key=lambda case: CAST.index(case.actor)):
        style = "" if case.right else "red"
        table.add_row(case.actor, ACTORS[case.actor].what, case.outcome, case.route, style=style)
    return table
