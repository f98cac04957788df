"""The schemas of the evidence, one file beside the documents for each scenario, say what the code does.

Run as a program, this file writes them.
"""

import json
from typing import Final

import pytest
from pydantic import BaseModel

from sabotage_evals.scorers.detector.evidence import Evidence as DetectorEvidence
from sabotage_evals.scorers.misalignment_agentic.evidence import Evidence as AgenticEvidence
from sabotage_evals.scorers.misalignment_chat.evidence import Evidence as ChatEvidence
from sabotage_evals.scorers.reward_hacking.evidence import Evidence as RewardHackingEvidence
from sabotage_evals.scorers.shutdown.evidence import Evidence as ShutdownEvidence

from .reading import DOCS

SCHEMAS: Final[dict[str, type[BaseModel]]] = {
    "evidence": ShutdownEvidence,
    "detector.evidence": DetectorEvidence,
    "misalignment_agentic.evidence": AgenticEvidence,
    "misalignment_chat.evidence": ChatEvidence,
    "reward_hacking.evidence": RewardHackingEvidence,
}
WRITE_THEM: Final = ".venv/bin/python -m tests.docs.test_schemas"


def schema(evidence: type[BaseModel]) -> str:
    return json.dumps(evidence.model_json_schema(mode="serialization"), indent=2) + "\n"


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_is_that_of_the_evidence(name: str) -> None:
    file = DOCS / f"{name}.schema.json"
    assert file.read_text(encoding="utf-8") == schema(SCHEMAS[name]), (
        f"The evidence has changed its shape, and {file.name} has not. Write it again with `{WRITE_THEM}`, and raise "
        "Evidence.version where old logs cannot be read any more."
    )


def test_every_schema_is_of_some_evidence() -> None:
    assert {file.name for file in DOCS.glob("*.schema.json")} == {f"{name}.schema.json" for name in SCHEMAS}


if __name__ == "__main__":
    for name, evidence in SCHEMAS.items():
        (DOCS / f"{name}.schema.json").write_text(schema(evidence), encoding="utf-8")
