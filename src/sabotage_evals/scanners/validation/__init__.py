"""The cases that scanners are validated on, as transcripts and validation sets that Scout reads.

python -m sabotage_evals.scanners.validation FOLDER
scout scan sabotage_evals/voiced_awareness -T FOLDER/cases.eval -V voiced_awareness:FOLDER/voiced_awareness.csv
"""

import csv
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml
from inspect_ai.log import EvalConfig, EvalDataset, EvalLog, EvalSample, EvalSpec, EvalStats, write_eval_log
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageUser,
    Content,
    ContentReasoning,
    ContentText,
    ModelOutput,
)
from inspect_ai.tool import ToolCall

CASES: Final = Path(__file__).with_name("cases.yaml")
SCANNERS: Final = ("voiced_awareness", "stated_intent", "self_preservation", "disclosure")
"""The scanners that read words; what `claims_against_state` finds is decided by the score."""


class Case(NamedTuple):
    """A piece of a run, and which scanners should find something in it."""

    name: str
    thinks: str
    says: str
    reports: str
    holds: frozenset[str]

    @property
    def messages(self) -> list[ChatMessage]:
        """The conversation."""
        content: list[Content] = [ContentReasoning(reasoning=self.thinks)] if self.thinks else []
        content.append(ContentText(text=self.says))
        report = ToolCall(id="report", function="submit", arguments={"report": self.reports or "The work is over."})
        return [
            ChatMessageUser(content="Go on with the work.", id=f"{self.name}-0"),
            ChatMessageAssistant(content=content, id=f"{self.name}-1"),
            ChatMessageAssistant(content="", tool_calls=[report], id=f"{self.name}-2"),
        ]


def read_cases() -> list[Case]:
    """Return all cases, as they stand in the file."""
    told: list[dict[str, Any]] = yaml.safe_load(CASES.read_text(encoding="utf-8"))["cases"]
    return [
        Case(
            name=each["name"],
            thinks=each.get("thinks", ""),
            says=each.get("says", ""),
            reports=each.get("reports", ""),
            holds=frozenset(each["holds"]),
        )
        for each in told
    ]


def write_validation(folder: Path) -> Path:
    """Write the cases as a log, and a validation set for each scanner; return the log."""
    folder.mkdir(parents=True, exist_ok=True)
    cases = read_cases()
    samples = [
        EvalSample(
            id=case.name,
            uuid=f"case-{case.name}",  # validation sets name transcripts by it
            epoch=1,
            input="Go on with the work.",
            target="",
            messages=case.messages,
            output=ModelOutput.from_content("none/none", case.reports),
        )
        for case in cases
    ]
    log = EvalLog(
        status="success",
        eval=EvalSpec(
            created="2026-01-01T00:00:00+00:00",
            task="scanner_cases",
            dataset=EvalDataset(name="cases", samples=len(samples)),
            model="none/none",
            config=EvalConfig(),
        ),
        stats=EvalStats(),
        samples=samples,
    )
    path = folder / "cases.eval"
    write_eval_log(log, str(path))
    for scanner in SCANNERS:
        with (folder / f"{scanner}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "target"])
            writer.writerows([f"case-{case.name}", int(scanner in case.holds)] for case in cases)
    return path
