"""Who was measured: a model with its settings, in one version of a scenario, under one set of conditions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sabotage_evals.claims.frames import GROUP, SCRIPTED, STOPPED_EARLY, LogFile, Reading
from sabotage_evals.design import Design
from sabotage_evals.stopping import StopRecord

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Subject:
    """Runs that may be pooled: one model, with its settings, in one scenario, under one set of conditions."""

    number: int
    scenario: str
    task_version: str
    model: str
    model_settings: str
    conditions: str
    label: str
    """The shortest name that tells it from the others of its scenario."""
    logs: tuple[LogFile, ...]
    design: Design
    frame: "pd.DataFrame"
    """Its runs; those that a stopping rule made unnecessary are not among them."""
    stopped: int
    """Runs that a stopping rule made unnecessary."""

    @property
    def scripted(self) -> bool:
        """Whether a program played the model."""
        return self.model.startswith(SCRIPTED)

    @property
    def sandbox(self) -> str:
        """What the worlds stood on, or `none`."""
        return self.logs[0].sandbox

    @property
    def weaker_walls(self) -> bool:
        """Whether a real model ran on the embedded sandbox, which never makes a headline."""
        words = (self.frame["headline"] == "weaker_walls").any()
        return bool(words) or (self.sandbox == "bwrap" and not self.scripted)

    @cached_property
    def arms(self) -> tuple[str, ...]:
        """The arms that were run, in the order of the design."""
        present = list(dict.fromkeys(self.frame["arm"].astype(str)))
        return (
            *(arm for arm in self.design.arms if arm in present),
            *(a for a in present if a not in self.design.arms),
        )

    @cached_property
    def by_arm(self) -> dict[str, "pd.DataFrame"]:
        """The runs of each arm."""
        return {str(arm): rows for arm, rows in self.frame.groupby(self.frame["arm"].astype(str), sort=False)}

    def title(self, arm: str) -> str:
        """Say what an arm is."""
        return self.design.arms.get(arm, arm)

    def stop(self, arm: str, key: str) -> tuple[StopRecord, str] | None:
        """Return the record of a stop on this arm and key, and the file of the log that it stands in."""
        for log in self.logs:
            record = stop_record(log)
            if record is not None and (record.stop.arm, record.stop.key) == (arm, key):
                return record, log.file
        return None


def stop_record(log: LogFile) -> StopRecord | None:
    """Return what the stopping rule left in a log, if there was one of ours."""
    kept = (log.stopping or {}).get("stop")
    return StopRecord.model_validate(kept) if isinstance(kept, dict) else None


def find_subjects(reading: Reading) -> list[Subject]:
    """Return everyone who was measured, by scenario and name."""
    frame = reading.frame
    if frame.empty:
        return []
    logs = {log.file: log for log in reading.logs}
    found: list[tuple[tuple[str, ...], pd.DataFrame]] = []
    for names, rows in frame.groupby([frame[column].astype(str) for column in GROUP], sort=True):
        found.append((tuple(map(str, names)), rows))
    labels = _labels([names for names, _ in found])
    subjects: list[Subject] = []
    for number, ((names, rows), label) in enumerate(zip(found, labels, strict=True), start=1):
        of = tuple(logs[file] for file in dict.fromkeys(rows["file"].astype(str)))
        kept = rows[rows["reason"] != STOPPED_EARLY]
        scenario, version, model, settings, conditions = names
        subjects.append(
            Subject(
                number=number,
                scenario=scenario,
                task_version=version,
                model=model,
                model_settings=settings,
                conditions=conditions,
                label=label,
                logs=of,
                design=_merged(of),
                frame=kept,
                stopped=len(rows) - len(kept),
            )
        )
    return subjects


def _labels(groups: Sequence[tuple[str, ...]]) -> list[str]:
    """Give each the shortest name that no other of its scenario has: the model's last name, or more."""
    names: list[list[str]] = []
    for _, version, model, settings, conditions in groups:
        whole = f"{model} ({settings})" if settings else model
        short = model.rsplit("/", 1)[-1]
        names.append([
            f"{short} ({settings})" if settings else short,
            whole,
            f"{whole}, {conditions}",
            f"{whole}, {conditions}, version {version}",
        ])  # fmt: skip
    labels: list[str] = []
    for group, choices in zip(groups, names, strict=True):
        for level, name in enumerate(choices):
            alike = Counter(others[level] for other, others in zip(groups, names, strict=True) if other[0] == group[0])
            if alike[name] == 1:
                break
        labels.append(name)
    return labels


def _merged(logs: Sequence[LogFile]) -> Design:
    """Return what the logs of one subject declare between them; a plan holds only if all of them bear it."""
    designs = [log.design for log in logs]
    rates = {rate.key: rate for design in reversed(designs) for rate in design.rates}
    plans = {design.plan for design in designs}
    headline = next((design.headline for design in designs if design.headline.key), designs[0].headline)
    return designs[0].model_copy(
        update={
            "headline": headline,
            "rates": tuple(rates[key] for key in dict.fromkeys(r.key for d in designs for r in d.rates)),
            "contrasts": tuple(dict.fromkeys(each for design in designs for each in design.contrasts)),
            "arms": {arm: title for design in reversed(designs) for arm, title in design.arms.items()},
            "published": {arm: study for design in designs for arm, study in design.published.items()},
            "plan": plans.pop() if len(plans) == 1 else None,
        }
    )
