"""What a newcomer sees first: actors that there are, in the headline's arm, few of them, and each called what it is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sabotage_evals.actors.casts import CASTS
from sabotage_evals.demo import ARM, CAST, headline_cast


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
def test_the_demo_needs_no_engine_and_says_on_what_it_runs(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("sabotage-evals")), "demo"]
    without = os.environ | {"DOCKER_HOST": f"unix://{tmp_path}/nobody.sock"}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, cwd=tmp_path, env=without)
    count = sum(map(len, CAST.values()))
    said = " ".join(done.stdout.split())
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert "No Docker engine answers" in said
    assert "So this runs on the embedded sandbox, bwrap." in said
    assert f"{count} of {count} agents were called what they are." in said
