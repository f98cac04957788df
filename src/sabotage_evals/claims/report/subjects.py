"""Who was measured: a model with its settings, in one version of a scenario, under one set of conditions."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from pydantic import ValidationError

from sabotage_evals.claims.frames import GROUP, SCRIPTED, STOPPED_EARLY, LogFile, Reading
from sabotage_evals.claims.statistics import CLUSTERS, Cluster
from sabotage_evals.design import Design
from sabotage_evals.stopping import StopRecord, read_record

if TYPE_CHECKING:
    import pandas as pd


class Stopping(NamedTuple):
    """A rule that the number of an arm's runs hung on, and with it every key of the arm."""

    record: StopRecord | None
    """What the rule left behind; None where no interval is known that holds after it."""
    file: str | None
    """The log that it stands in."""


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
    cut_short: frozenset[tuple[str, str]] = frozenset()
    """The logs and arms that lack runs because of one."""

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

    @property
    def cluster(self) -> Cluster:
        """What its runs hang together by."""
        return CLUSTERS[self.design.cluster]

    def stopping(self, arm: str) -> Stopping | None:
        """Return the rule by which the runs of an arm were stopped; None where their number was fixed beforehand."""
        watched: list[Stopping] = []
        for log in self.logs:
            record = stop_record(log)
            if record is not None and record.stop.arm == arm:
                watched.append(Stopping(record, log.file))
            elif (log.file, arm) in self.cut_short:
                watched.append(Stopping(None, None))
        return watched[0] if len(watched) == 1 else Stopping(None, None) if watched else None


def stop_record(log: LogFile) -> StopRecord | None:
    """Return what the stopping rule left in a log, if there was one of ours that can be read."""
    try:
        return read_record(log.stopping)
    except ValidationError:  # of another version
        return None


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
        kept, cut = rows[rows["reason"] != STOPPED_EARLY], rows[rows["reason"] == STOPPED_EARLY]
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
                stopped=len(cut),
                cut_short=frozenset(zip(cut["file"].astype(str), cut["arm"].astype(str), strict=True)),
            )
        )
    return subjects


def _labels(groups: Sequence[tuple[str, ...]]) -> list[str]:
    """Give each the shortest name that no other of its scenario has: the model's last name, or more."""
    names: list[list[str]] = []
    for scenario, version, model, settings, conditions in groups:
        others = [other[3] for other in groups if other[0] == scenario and other[2] == model and other[3] != settings]
        telling = _telling(settings, others)
        whole, short = (f"{name} ({telling})" if telling else name for name in (model, model.rsplit("/", 1)[-1]))
        names.append([short, whole, f"{whole}, {conditions}", f"{whole}, {conditions}, version {version}"])
    labels: list[str] = []
    for group, choices in zip(groups, names, strict=True):
        for level, name in enumerate(choices):
            alike = Counter(others[level] for other, others in zip(groups, names, strict=True) if other[0] == group[0])
            if alike[name] == 1:
                break
        labels.append(name)
    return labels


def _telling(settings: str, others: Sequence[str]) -> str:
    """Leave out of a model's settings what all others of its name have too; all stand where there is no other."""
    parts = [set(each.split(", ")) for each in others]
    return ", ".join(part for part in settings.split(", ") if not parts or not all(part in other for other in parts))


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
            "cluster": next((design.cluster for design in designs if design.cluster != "wording"), "wording"),
        }
    )
