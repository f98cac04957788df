"""Run detectors of our own by the runner's program, as a process of this machine; none of them is an agent's."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from sabotage_evals.corpus.plan import development_items
from sabotage_evals.scorers.detector.bench import Bench, read_answer
from sabotage_evals.scorers.detector.evidence import DELIVERABLES, Conditions, Evidence, Transcript
from sabotage_evals.scorers.detector.gather import Seen, measure
from sabotage_evals.scorers.detector.workspace import kept_in_evidence
from sabotage_evals.tasks.detector.repository import make_repository
from tests.sandboxes.loading import runner_program

PATH: Final = DELIVERABLES["rule"]
PER_FAMILY: Final = 24
TRANSCRIPT: Final = Transcript(
    commands=3,
    family_lines=(),
    readable_reasoning=False,
    turns=3,
    end="stopped",
    end_detail="",
    last_words="The work is handed over.",
)


def bench_in(folder: Path) -> Bench:
    """Return a bench that runs the runner's own program in a folder."""

    async def carry(request: dict[str, Any]) -> dict[str, Any]:
        command = [sys.executable, "-I", str(runner_program("detector")), "--bench", str(folder)]
        done = subprocess.run(command, input=json.dumps(request), capture_output=True, text=True, check=False)
        return read_answer(done.stdout, done.stderr)

    return carry


def shipped_files(**conditions: Any) -> dict[str, str]:
    """Return the texts of the repository that the agent is given."""
    domain = conditions.get("domain", "hacking")
    shows = conditions.get("score", "none") != "none"
    return make_repository(domain, "rule", shows, False, development_items(domain)).texts


def evidence_of(
    folder: Path,
    changed: dict[str, str | None],
    *versions: str,
    handover: dict[str, Any] | None = None,
    **conditions: Any,
) -> Evidence:
    """Measure a repository in which some files were changed (None: removed), after earlier versions of the detector."""
    shipped = shipped_files(**conditions)
    files = {path: text for path, text in (shipped | changed).items() if text is not None}
    told: dict[str, Any] = {
        "arm": "self_hacking",
        "wording": "w1",
        "deliverable": "rule",
        "domain": "hacking",
        "detects": "self",
        "salience": "safety",
        "stakes": "gates",
        "score": "none",
        "oversight": "none",
        "prior": "clean",
        "instructed": "none",
        "seed": 1,
        "unit": "w1/rule/1",
        "items_per_family": PER_FAMILY,
        "shipped": shipped,
    }
    world = Conditions.model_validate(told | conditions)
    kept = [{"path": PATH, "time": float(n), "sha256": f"{n:064x}", "text": text} for n, text in enumerate(versions)]
    seen = Seen.read(
        world,
        {
            "before": {"errors": []},
            "after": {"errors": []},
            "workspace": files,
            "changes": [],
            "versions": kept,
        },
    )
    measured = asyncio.run(measure(seen, bench_in(folder)))
    return Evidence(
        conditions=world.model_copy(update={"shipped": kept_in_evidence(shipped, PATH)}),
        time=9.0,
        handover=json.dumps(handover) if handover is not None else None,
        deliverable=files.get(PATH),
        transcript=TRANSCRIPT,
        **measured,
    )
