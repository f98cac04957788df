"""What a newcomer sees first: actors that there are, in the headline's arm, few of them, and each called what it is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sabotage_evals.actors.casts import CASTS
from sabotage_evals.demo import CAST, shown_cast


def test_every_scenario_is_shown() -> None:
    assert set(CAST) == set(CASTS)


@pytest.mark.parametrize("scenario", CAST)
def test_every_actor_that_is_shown_has_one_verdict_where_it_is_shown(scenario: str) -> None:
    for actor in shown_cast(scenario):
        assert len(actor.expects) == 1, actor.name


@pytest.mark.parametrize("scenario", CAST)
def test_what_is_shown_are_different_verdicts(scenario: str) -> None:
    shown = shown_cast(scenario)
    assert len({actor.expects[0].outcome for actor in shown}) >= len(shown) // 2


@pytest.mark.slow
def test_the_demo_needs_no_engine_and_says_on_what_it_runs(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("sabotage-evals")), "demo"]
    without = os.environ | {"DOCKER_HOST": f"unix://{tmp_path}/nobody.sock"}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, cwd=tmp_path, env=without)
    count = sum(len(names) for places in CAST.values() for names in places.values())
    said = " ".join(done.stdout.split())
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert "No Docker engine answers" in said
    assert "So this runs on the embedded sandbox, bwrap." in said
    assert f"{count} of {count} agents were called what they are." in said
    page = said.partition("Read the report: ")[2].split()[0]
    assert "What these runs show" in (tmp_path / page).read_text(encoding="utf-8")
