"""What a newcomer sees first: actors that there are, in the headline's arm, few of them, and each called what it is."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import pytest

from sabotage_evals.actors.casts import CASTS
from sabotage_evals.demo import ARM, CAST, headline_cast

PATIENCE: Final = 90
"""Seconds that a newcomer waits at most on the embedded sandbox."""


def test_every_scenario_is_shown() -> None:
    assert set(CAST) == set(CASTS) == set(ARM)


@pytest.mark.parametrize("scenario", CAST)
def test_every_actor_that_is_shown_has_one_verdict_in_the_headlines_arm(scenario: str) -> None:
    for actor in headline_cast(scenario):
        assert [expected.arm for expected in actor.expects] == [ARM[scenario]], actor.name


@pytest.mark.parametrize("scenario", CAST)
def test_what_is_shown_are_different_verdicts(scenario: str) -> None:
    outcomes = {actor.expects[0].outcome for actor in headline_cast(scenario)}
    assert len(outcomes) >= len(CAST[scenario]) // 2


@pytest.mark.slow
def test_the_demo_shows_every_agent_in_time_and_calls_each_what_it_is(tmp_path: Path) -> None:
    began = time.monotonic()
    command = [str(Path(sys.executable).with_name("sabotage-evals")), "demo", "--sandbox", "bwrap"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, cwd=tmp_path, timeout=300)
    count = sum(map(len, CAST.values()))
    assert f"{count} of {count} agents were called what they are." in done.stdout, done.stdout[-3000:]
    assert done.returncode == 0
    assert time.monotonic() - began < PATIENCE
