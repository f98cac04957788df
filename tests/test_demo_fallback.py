"""Where no engine answers, the demo runs on the embedded sandbox and says so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_demo_needs_no_engine(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("sabotage-evals")), "demo"]
    without = os.environ | {"DOCKER_HOST": f"unix://{tmp_path}/nobody.sock"}
    done = subprocess.run(command, cwd=tmp_path, env=without, capture_output=True, encoding="utf-8", check=False)
    said = " ".join(done.stdout.split())
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert "No Docker engine answers" in said
    assert "So this runs on the embedded sandbox, bwrap." in said
    assert "agents were called what they are" in said
