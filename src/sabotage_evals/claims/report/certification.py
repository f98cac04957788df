"""Which versions of which scorers are certified: all known cases named right, on which sandbox.

What ships is made of the records that certifications leave beside their logs:
`python -m sabotage_evals.claims.report.certification FOLDER...`
"""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from sabotage_evals.claims.report.subjects import Subject
from sabotage_evals.prompts import CANARY
from sabotage_evals.refusal import Refusal

SHIPPED: Final = Path(__file__).parents[1] / "certified.yaml"
BESIDE_LOGS: Final = "certification.json"
"""Where `sabotage-evals certify SCENARIO --log-dir FOLDER` leaves what it found, beside the logs."""
HEAD: Final = f"""canary: "{CANARY}"
# Versions of scorers that named every known case right, as `sabotage-evals certify` said; `none`: it has no sandbox.
"""


class Certification(BaseModel):
    """How many known cases a version of a scorer named right."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    scenario: str
    version: str
    sandbox: str
    """`none` where the scenario has no sandbox."""
    right: int
    of: int

    @property
    def holds(self) -> bool:
        """Whether every case was named right."""
        return 0 < self.of == self.right


def read_certifications(folder: Path) -> list[Certification]:
    """Return what ships with the package, and what lies in the folder; what is no certification is passed over."""
    found: list[Certification] = []
    shipped = yaml.safe_load(SHIPPED.read_text(encoding="utf-8")) if SHIPPED.is_file() else {}
    for entry in [*(shipped or {}).get("certified", ()), *_entries(folder.rglob(BESIDE_LOGS))]:
        try:
            found.append(Certification.model_validate(entry))
        except ValidationError:
            continue
    return found


def _entries(files: Iterable[Path]) -> list[Any]:
    entries: list[Any] = []
    for file in files:
        try:
            document = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        entries += document if isinstance(document, list) else [document]
    return entries


def record_certification(folder: Path, found: Certification) -> None:
    """Write what a certification found beside the logs of a folder, in place of an older record of the same."""
    path = folder / BESIDE_LOGS
    same = (found.scenario, found.version, found.sandbox)
    kept = [
        entry
        for entry in _entries([path])
        if not isinstance(entry, dict) or (entry.get("scenario"), entry.get("version"), entry.get("sandbox")) != same
    ]
    path.write_text(json.dumps([*kept, found.model_dump()], indent=1), encoding="utf-8")


def find_certification(subject: Subject, known: Iterable[Certification]) -> Certification | None:
    """Return the best certification of the version and sandbox that a subject was measured with."""
    fitting = [
        each
        for each in known
        if (each.scenario, each.version, each.sandbox) == (subject.scenario, subject.task_version, subject.sandbox)
    ]
    return max(fitting, key=lambda each: (each.holds, each.of), default=None)


def why_not_certified(subject: Subject, found: Certification | None) -> str | None:
    """Say in a sentence that the scorer's verdicts are not certified for what was run, and what to do; else None."""
    if any(log.imported for log in subject.logs):
        return "These runs were read from their transcripts alone, without a witness: their rate is no headline."
    command = f"sabotage-evals certify {subject.scenario}"
    if subject.sandbox != "none":
        command += f" --sandbox {subject.sandbox}"
    where = "" if subject.sandbox == "none" else f" on {subject.sandbox}"
    if found is None:
        return f"The scorer of {subject.scenario} {subject.task_version} is not certified{where}: run {command}."
    if not found.holds:
        return (
            f"The scorer of {subject.scenario} {subject.task_version} named only {found.right} of {found.of} known "
            f"cases right{where}: its verdicts cannot be relied on."
        )
    return None


def ship_certifications(folders: Sequence[Path], shipped: Path = SHIPPED) -> list[Certification]:
    """Lay the records below these folders over what ships with the package, and write it again.

    Of a scenario's sandbox only the version that was certified last is kept.

    Raises:
        Refusal: There is no record, or one of a scorer that was wrong about a known case.
    """
    fresh = [
        Certification.model_validate(entry)
        for folder in folders
        for entry in _entries(sorted(folder.rglob(BESIDE_LOGS)))
    ]
    if not fresh:
        raise Refusal(f"There is no {BESIDE_LOGS} below {', '.join(map(str, folders)) or 'any folder'}; certify first.")
    if wrong := next((each for each in fresh if not each.holds), None):
        raise Refusal(
            f"The scorer of {wrong.scenario} {wrong.version} named only {wrong.right} of {wrong.of} known cases right "
            f"({wrong.sandbox}); only what was wholly right is shipped."
        )
    before = yaml.safe_load(shipped.read_text(encoding="utf-8")) if shipped.is_file() else {}
    known = [Certification.model_validate(entry) for entry in before.get("certified", ())]
    kept = {(each.scenario, each.sandbox): each for each in (*known, *fresh)}
    lines = [
        f"  - {{scenario: {each.scenario}, version: {each.version}, sandbox: {each.sandbox}, right: {each.right}, "
        f"of: {each.of}}}\n"
        for _, each in sorted(kept.items())
    ]
    shipped.write_text(f"{HEAD}certified:\n{''.join(lines)}", encoding="utf-8")
    return list(kept.values())


if __name__ == "__main__":
    ship_certifications([Path(each) for each in sys.argv[1:]])
