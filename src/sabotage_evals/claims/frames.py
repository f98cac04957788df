"""Read a folder of logs into one table with a row for each run; nothing is left out in silence.

Only headers and Inspect's sample summaries are read, one log at a time, so that no transcript is ever in memory. Where
a header says that runs were declared invalid, which the summaries do not tell, the samples are read without theirs.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from inspect_ai.log import (
    EvalLog,
    EvalSample,
    EvalSampleSummary,
    EvalSpec,
    read_eval_log,
    read_eval_log_sample_summaries,
)
from inspect_ai.scorer import Score
from pydantic import ValidationError

from sabotage_evals.claims.scans import read_scans
from sabotage_evals.design import DESIGN_KEY, Design, Headline, Published, Rate
from sabotage_evals.refusal import Refusal

if TYPE_CHECKING:
    import pandas as pd

OURS: Final = "sabotage_evals/"
SCRIPTED: Final = (OURS, "mockllm/", "none/")
"""What the names of models begin with that are programs."""
SUFFIXES: Final = (".eval", ".json")

NEVER_RAN: Final = "never_ran"
"""Reason of a run that the log planned and has no sample of: it was interrupted, or its samples were not kept."""
STOPPED_EARLY: Final = "stopped_early"
"""Reason of a run that the stopping rule made unnecessary; it is no lack of coverage."""
INVALIDATED: Final = "invalidated"
"""Reason of a run that somebody declared invalid (`invalidate_samples`): what it shows counts no more."""
NO_SCORE: Final = "error_before_scoring"
NOT_OUR_SCORE: Final = "no_score_of_ours"
UNEXPLAINED: Final = "unexplained"

NOT_OF_THE_MODEL: Final = frozenset({
    "adaptive_connections", "attempt_timeout", "batch", "cache", "cache_prompt", "extra_headers", "max_connections",
    "max_retries", "stream_idle_timeout", "timeout",
})  # fmt: skip
"""Generation settings that change how calls are made, and nothing about what the model answers."""
HASHED: Final = frozenset({"extra_body", "logit_bias", "response_schema", "stop_seqs", "system_message"})
"""Generation settings that are too long, or too private, to be printed."""
LONGEST_ARGUMENT: Final = 24
"""Characters of an argument of a model that are printed as they are."""
CHOOSING: Final = frozenset({
    "arms", "comprehension", "crossed", "debrief", "deliverable", "interview", "kinds", "plan", "problems", "questions",
    "seeds", "stimuli", "stop", "weaker_walls", "wordings", "work",
})  # fmt: skip
"""Parameters of tasks that say which cells are run, or what is asked afterwards; all others change what is measured."""

TRANSCRIPT: Final = frozenset(EvalSample.model_fields) - {"id", "epoch", "input", "target", "invalidation"}
"""Parts of a sample that are not read to learn whether it is valid: all that it can be without."""

TEXT_COLUMNS: Final = (
    "file", "log", "sample_id", "uuid", "scenario", "task_version", "model", "model_settings", "conditions", "sandbox",
    "arm", "wording", "work", "unit", "outcome", "headline", "reason", "error", "limit", "flags",
)  # fmt: skip
COLUMNS: Final = (
    *TEXT_COLUMNS, "epoch", "seed", "covered", "needs_review", "left_no_trace", "incomplete_evidence", "unanswered",
)  # fmt: skip
COPIES_DIFFER: Final = "copies_differ"
"""The column of runs that stand in several files, scored, with another figure or outcome in each."""
GROUP: Final = ("scenario", "task_version", "model", "model_settings", "conditions")
"""Runs are pooled within these and never over them."""
SCAN: Final = "scan:"
"""What the columns begin with that hold other scorers' figures, such as scanners' findings."""
NO_HEADLINE: Final = Headline(key="", arm="")
RATES_BY: Final = ("interval_by_arm", "interval")
"""Metrics that a key of an old log has only if it is a rate."""


@dataclass(frozen=True)
class LogFile:
    """A log of ours that was read, and what it says of how it was made."""

    file: str
    """Relative to the folder, with slashes."""
    eval_id: str
    task_id: str
    created: str
    written: float
    """When the file was last changed, in seconds."""
    status: str
    scenario: str
    task_version: str
    model: str
    model_settings: str
    conditions: str
    """What else must be alike for runs to be pooled: sandbox, solver, roles, parameters, stimuli."""
    sandbox: str
    packages: Mapping[str, str]
    revision: str
    limits: str
    planned: int
    """Runs that the log set out to make."""
    found: int
    """Runs that it has."""
    design: Design
    declared: bool
    """The log bears its design; else it was read off its scores, and no contrast is known."""
    stimuli: Mapping[str, str] = field(default_factory=dict)
    stopping: Mapping[str, Any] | None = None
    """What the stopping rule left in the log."""
    imported: str | None = None
    """Where the transcripts are from, if our tasks did not make them."""

    @property
    def scripted(self) -> bool:
        """Whether a program played the model."""
        return self.model.startswith(SCRIPTED)


class LeftOut(NamedTuple):
    """A file of the folder whose runs are not in the table."""

    file: str
    kind: Literal["not_ours", "unreadable"]
    why: str


class Repeated(NamedTuple):
    """Runs that stand in more than one log, and were counted once."""

    file: str
    counted_in: str
    runs: int
    how: Literal["same_run", "run_again"]
    differing: int = 0
    """Those of them that were scored in both files, and not alike."""


@dataclass(frozen=True)
class Reading:
    """All that a folder of logs says."""

    folder: Path
    frame: "pd.DataFrame"
    """One row for each run that was planned, of every epoch."""
    families: "pd.DataFrame"
    """Recall by family, for runs that have it: measured, of what was there at the start, and claimed."""
    logs: tuple[LogFile, ...]
    left_out: tuple[LeftOut, ...]
    repeated: tuple[Repeated, ...]
    rate_keys: Mapping[str, tuple[str, ...]]
    """The columns that are rates, by scenario."""
    word_keys: Mapping[str, tuple[str, ...]]
    """The columns that are kinds in words, by scenario: `route`, `mechanism`."""


def read_folder(folder: Path) -> Reading:
    """Read every log below a folder (or one log).

    Raises:
        Refusal: There is no such folder, or no log in it.
    """
    files = list(_log_files(folder))
    if not files:
        raise Refusal(f"There is no log in '{folder}'; give a folder that Inspect has written .eval files to.")
    root = folder if folder.is_dir() else folder.parent
    logs: list[LogFile] = []
    tables: list[_Table] = []
    left_out: list[LeftOut] = []
    for path in files:
        name = path.relative_to(root).as_posix()
        try:
            header = read_eval_log(str(path), header_only=True)
            why = _not_ours(header)
            if why is None:
                written = path.stat().st_mtime
                invalid = _invalidated(path) if header.invalidated else frozenset()
                log, table = _read(name, written, header, read_eval_log_sample_summaries(str(path)), invalid)
                logs.append(log)
                tables.append(table)
            else:
                left_out.append(LeftOut(name, "not_ours", why))
        except Exception as error:  # any file may lie in the folder, and is named with what is wrong with it
            left_out.append(LeftOut(name, "unreadable", _first_line(error)))
    logs = _with_stimuli(logs)
    return _joined(root, logs, tables, left_out)


def _log_files(folder: Path) -> Iterator[Path]:
    if folder.is_file():
        yield folder
        return
    if not folder.is_dir():
        raise Refusal(f"There is no folder '{folder}'; give the folder that the logs lie in.")
    for path in sorted(folder.rglob("*")):
        if path.suffix in SUFFIXES and path.is_file() and (path.suffix == ".eval" or _bears_a_date(path.name)):
            yield path


def _bears_a_date(name: str) -> bool:
    """A JSON file is a log only if it is named as Inspect names logs; others lie beside them."""
    return name[:4].isdigit() and name[4:5] == "-" and "T" in name[:14] and "_" in name


def _first_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0][:200]}" if text else type(error).__name__


def _not_ours(header: EvalLog) -> str | None:
    name = header.eval.task_registry_name or header.eval.task
    if name.startswith(OURS) or DESIGN_KEY in (header.eval.metadata or {}):
        return None
    return f"the task '{name}' is not one of sabotage_evals"


class FamilyRecall(NamedTuple):
    """What one run's detector catches of a family, what the one that it began with catches, and what it claims."""

    row: int
    family: str
    measured: float
    shipped: float
    claimed: float
    plain: float
    """Of what is not rewritten, which a claim is held against; as measured, where nothing else is known."""


class _Table(NamedTuple):
    """The rows of one log: plain columns, rates and words apart."""

    columns: dict[str, list[Any]]
    figures: dict[str, list[float]]
    words: dict[str, list[str]]
    families: list[FamilyRecall]
    arms: dict[str, Mapping[str, Any]]
    """The first sample's metadata of each arm, which old logs tell the arm's title by."""


def _invalidated(path: Path) -> frozenset[tuple[str, int]]:
    """Return the runs of a log that were declared invalid; of its samples no transcript is kept in memory."""
    samples = read_eval_log(str(path), exclude_fields=set(TRANSCRIPT)).samples or ()
    return frozenset((str(each.id), each.epoch) for each in samples if each.invalidation is not None)


def _read(
    name: str,
    written: float,
    header: EvalLog,
    summaries: Sequence[EvalSampleSummary],
    invalid: Collection[tuple[str, int]],
) -> tuple[LogFile, _Table]:
    spec = header.eval
    early = header.results.early_stopping if header.results else None
    design = _design(spec)
    log = LogFile(
        file=name,
        eval_id=spec.eval_id,
        task_id=spec.task_id,
        created=str(spec.created),
        written=written,
        status=str(header.status),
        scenario=_scenario(spec),
        task_version=str(spec.task_version),
        model=str(spec.model),
        model_settings=_settings(header),
        conditions=_conditions(spec),
        sandbox=spec.sandbox.type if spec.sandbox else "none",
        packages=dict(spec.packages),
        revision=_revision(spec),
        limits=_limits(spec),
        planned=_planned(spec, len(summaries)),
        found=len(summaries),
        design=design or Design(scenario=_scenario(spec), headline=NO_HEADLINE, rates=(), arms={}),
        declared=design is not None,
        stimuli={str(k): str(v) for k, v in ((spec.metadata or {}).get("stimuli") or {}).items()},
        stopping=None
        if early is None
        else {"manager": early.manager, "stops": len(early.early_stops), **early.metadata},
        imported=_text((spec.metadata or {}).get("imported_from")) or None,
    )
    table = _Table({column: [] for column in COLUMNS}, {}, {}, [], {})
    seen: set[tuple[str, int]] = set()
    for summary in summaries:
        seen.add((str(summary.id), summary.epoch))
        _add(table, log, summary, valid=(str(summary.id), summary.epoch) not in invalid)
    stopped = {(str(stop.id), stop.epoch) for stop in early.early_stops} if early else set()
    for sample_id in spec.dataset.sample_ids or ():
        for epoch in range(1, (spec.config.epochs or 1) + 1):
            if (str(sample_id), epoch) not in seen:
                reason = STOPPED_EARLY if (str(sample_id), epoch) in stopped else NEVER_RAN
                _add_missing(table, log, str(sample_id), epoch, reason)
    return (log if log.declared else replace(log, design=_read_off(spec, log, table))), table


def _scenario(spec: EvalSpec) -> str:
    design = _design(spec)
    return design.scenario if design else (spec.task_registry_name or spec.task).removeprefix(OURS)


def _design(spec: EvalSpec) -> Design | None:
    declared = (spec.metadata or {}).get(DESIGN_KEY)
    try:
        return None if declared is None else Design.model_validate(declared)
    except ValidationError:  # a later version's, or somebody else's: the scores still say what they say
        return None


def _read_off(spec: EvalSpec, log: LogFile, table: _Table) -> Design:
    """Read the design of a log that does not bear one off its metrics and scores, as far as they tell."""
    keys = _keys_with_intervals(spec) or [k for k, v in table.figures.items() if {x for x in v if x == x} <= {0.0, 1.0}]
    words = list(zip(table.columns["arm"], table.columns["headline"], strict=True))
    arm = next((arm for arm, word in words if word in {"yes", "no", "no_choice", "unscored", "weaker_walls"}), "")
    said = [(row, float(word == "yes")) for row, (_, word) in enumerate(words) if word in {"yes", "no"}]
    key = next((key for key in keys if said and all(table.figures[key][row] == value for row, value in said)), "")
    return Design(
        scenario=log.scenario,
        headline=Headline(key=key, arm=arm),
        rates=tuple(Rate(key=key, title=key.replace("_", " ")) for key in keys),
        arms={arm: _text(facts.get("title")) or arm for arm, facts in table.arms.items()},
        published={
            arm: Published.model_validate(facts["published"])
            for arm, facts in table.arms.items()
            if isinstance(facts.get("published"), dict) and {"study", "condition"} <= facts["published"].keys()
        },
    )


def _keys_with_intervals(spec: EvalSpec) -> list[str]:
    found: list[str] = []
    for scorer in spec.scorers or ():
        if isinstance(scorer.metrics, dict):
            found += [
                key
                for key, metrics in scorer.metrics.items()
                if key != "headline" and any(_bare(metric.name) in RATES_BY for metric in metrics)
            ]
    return found


def _bare(name: str) -> str:
    return name.rsplit("/", 1)[-1]


def _settings(header: EvalLog) -> str:
    """Say in a few words which settings and arguments of the model are not its own defaults."""
    spec = header.eval
    given = header.plan.config.model_dump(exclude_none=True) | spec.model_generate_config.model_dump(exclude_none=True)
    parts = [
        f"{name.replace('_', ' ')} {_fingerprint(value) if name in HASHED else value}"
        for name, value in sorted(given.items())
        if name not in NOT_OF_THE_MODEL
    ]
    parts += [f"{name.replace('_', ' ')} {_brief(value)}" for name, value in sorted(spec.model_args.items())]
    return ", ".join(parts)


def _brief(value: object) -> str:
    """Say an argument of a model in a word: as it is if it is short, else by its fingerprint."""
    is_short = isinstance(value, str | int | float) and len(str(value)) <= LONGEST_ARGUMENT
    return str(value) if is_short else _fingerprint(value)


def _conditions(spec: EvalSpec) -> str:
    parts = [f"sandbox {spec.sandbox.type}"] if spec.sandbox else []
    if spec.solver:
        parts.append(f"solver {spec.solver}")
    if limits := _limits(spec):
        parts.append(limits)
    for role, bound in sorted((spec.model_roles or {}).items()):
        names = [each.model for each in (bound if isinstance(bound, list) else [bound])]
        parts.append(f"{role} {' and '.join(names)}")
    passed = {name: value for name, value in spec.task_args_passed.items() if name not in CHOOSING}
    parts += [f"{name} {value}" for name, value in sorted(passed.items())]
    if source := (spec.metadata or {}).get("imported_from"):
        parts.append(f"imported from {_text(source)}, read from the transcript alone")
    return ", ".join(parts)


def _revision(spec: EvalSpec) -> str:
    return "" if spec.revision is None else f"{spec.revision.commit}{' and changes' if spec.revision.dirty else ''}"


def _limits(spec: EvalSpec) -> str:
    limits = {
        name: getattr(spec.config, f"{name}_limit", None)
        for name in ("message", "token", "turn", "time", "working", "cost")
    }
    return ", ".join(f"{name} limit {value}" for name, value in limits.items() if value is not None)


def _planned(spec: EvalSpec, found: int) -> int:
    ids = spec.dataset.sample_ids
    return max(found, len(ids) * (spec.config.epochs or 1)) if ids else found


def _fingerprint(value: object) -> str:
    return sha256(repr(value).encode()).hexdigest()[:8]


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _our_score(scores: Mapping[str, Score] | None) -> Score | None:
    """Return the score that has an outcome, and among several the one that says whether it covers the run."""
    ours = [score for score in (scores or {}).values() if _is_ours(score)]
    covering = [score for score in ours if isinstance(score.value, dict) and "covered" in score.value]
    return next(iter((*covering, *ours)), None)


def _is_ours(score: Score) -> bool:
    return isinstance(score.value, dict) and "outcome" in score.value


def _scans(scores: Mapping[str, Score] | None) -> dict[str, float]:
    """Return what other scorers said in one number or truth value, by the name of the column."""
    return {
        f"{SCAN}{name}": _number(score.value)
        for name, score in (scores or {}).items()
        if not _is_ours(score) and isinstance(score.value, int | float)
    }


def _add(table: _Table, log: LogFile, summary: EvalSampleSummary, *, valid: bool) -> None:
    facts = summary.metadata
    score = _our_score(summary.scores)
    value = dict(score.value) if score is not None and isinstance(score.value, dict) else {}
    covered = valid and bool(value) and _number(value.get("covered", 1.0)) == 1.0
    beside = (score.metadata if score is not None and valid else None) or {}
    arm = _text(facts.get("arm") or value.get("arm")) or str(summary.id).split("/")[0]
    table.arms.setdefault(arm, facts)
    _add_row(
        table,
        log,
        sample_id=str(summary.id),
        epoch=summary.epoch,
        uuid=summary.uuid or "",
        arm=arm,
        wording=_text(facts.get("wording")) or _place(summary.id, 1),
        work=_text(facts.get("work") or facts.get("deliverable")) or _place(summary.id, 2),
        seed=_text(facts.get("seed")) or _place(summary.id, 3),
        unit=_text(facts.get("unit")) or "/".join(str(summary.id).split("/")[1:]),
        outcome=_text(value.get("outcome")) if valid else INVALIDATED,
        headline=_text(value.get("headline")) if valid else _headline_if_invalid(value),
        reason="" if covered else _reason(summary, score, value) if valid else INVALIDATED,
        error=_text(summary.error).strip().split("\n")[0][:300],
        limit=_text(summary.limit),
        flags=_text(value.get("flags")),
        covered=covered,
        needs_review=valid and _number(value.get("needs_review")) == 1.0,
        left_no_trace=bool(beside.get("tried_in_transcript")),
        incomplete_evidence=bool(beside.get("evidence_errors")),
        unanswered=bool(beside.get("probe_problems")),
    )
    _add_values(table, value | _scans(summary.scores) if valid else {})
    _add_families(table, beside)


def _headline_if_invalid(value: Mapping[str, Any]) -> str:
    """Keep what a run is of, which an invalid one is as well as another, and nothing of what it says."""
    word = _text(value.get("headline"))
    return word if word in ("", "other_arm", "weaker_walls") else "unscored"


def _reason(summary: EvalSampleSummary, score: Score | None, value: Mapping[str, Any]) -> str:
    if score is None:
        return NO_SCORE if summary.error else NOT_OUR_SCORE
    return _text(score.reason) or _text(value.get("outcome")) or UNEXPLAINED


def _add_missing(table: _Table, log: LogFile, sample_id: str, epoch: int, reason: str) -> None:
    _add_row(
        table,
        log,
        sample_id=sample_id,
        epoch=epoch,
        uuid="",
        arm=sample_id.split("/")[0],
        wording=_place(sample_id, 1),
        work=_place(sample_id, 2),
        seed=_place(sample_id, 3),
        unit="/".join(sample_id.split("/")[1:]),
        outcome="",
        headline="",
        reason=reason,
        error="",
        limit="",
        flags="",
        covered=False,
        needs_review=False,
        left_no_trace=False,
        incomplete_evidence=False,
        unanswered=False,
    )
    _add_values(table, {})


def _place(sample_id: object, index: int) -> str:
    parts = str(sample_id).split("/")
    return parts[index] if len(parts) > index else ""


def _add_row(table: _Table, log: LogFile, **cells: Any) -> None:
    of_log = {
        "file": log.file,
        "log": log.eval_id,
        "scenario": log.scenario,
        "task_version": log.task_version,
        "model": log.model,
        "model_settings": log.model_settings,
        "conditions": log.conditions,
        "sandbox": log.sandbox,
    }
    for name, cell in (of_log | cells).items():
        table.columns[name].append(cell)


def _add_values(table: _Table, value: Mapping[str, Any]) -> None:
    """Add the last row's figures and words; a key that turns up late is NaN, or empty, in the rows before."""
    rows = len(table.columns["file"])
    for key, each in value.items():
        if key in COLUMNS:
            continue
        if isinstance(each, str):
            table.words.setdefault(key, [""] * (rows - 1)).append(each)
        else:
            table.figures.setdefault(key, [nan] * (rows - 1)).append(_number(each))
    for figures in table.figures.values():
        figures.extend([nan] * (rows - len(figures)))
    for words in table.words.values():
        words.extend([""] * (rows - len(words)))


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else nan


def _add_families(table: _Table, metadata: Mapping[str, Any]) -> None:
    row = len(table.columns["file"]) - 1
    measured, shipped, claimed, plain = (
        found if isinstance(found := metadata.get(f"{name}_by_family"), dict) else {}
        for name in ("recall", "shipped", "claimed", "plain")
    )
    for family in dict.fromkeys((*measured, *claimed)):
        caught, began, said = (_number(each.get(family)) for each in (measured, shipped, claimed))
        table.families.append(FamilyRecall(row, str(family), caught, began, said, _number(plain.get(family, caught))))


def _with_stimuli(logs: Sequence[LogFile]) -> list[LogFile]:
    """Tell apart logs of one scenario whose stimulus files have the same name and another content."""
    texts: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    kinds: list[int] = []
    for log in logs:
        known = texts[log.scenario, log.task_version]
        for number, files in enumerate(known):
            if all(files.get(name, content) == content for name, content in log.stimuli.items()):
                files |= log.stimuli
                kinds.append(number)
                break
        else:
            known.append(dict(log.stimuli))
            kinds.append(len(known) - 1)
    marked: list[LogFile] = []
    for log, kind in zip(logs, kinds, strict=True):
        several = len(texts[log.scenario, log.task_version]) > 1
        stimuli = (
            f"stimuli {_fingerprint(sorted(texts[log.scenario, log.task_version][kind].items()))}" if several else ""
        )
        marked.append(replace(log, conditions=", ".join(filter(None, [log.conditions, stimuli]))))
    return marked


def _joined(root: Path, logs: list[LogFile], tables: list[_Table], left_out: list[LeftOut]) -> Reading:
    import pandas as pd

    frames: list[pd.DataFrame] = []
    families: list[FamilyRecall] = []
    words: dict[str, dict[str, None]] = defaultdict(dict)
    start = 0
    for log, table in zip(logs, tables, strict=True):
        rows = len(table.columns["file"])
        frame = pd.DataFrame(table.columns | table.figures | table.words)
        frame["conditions"] = log.conditions
        frames.append(frame)
        families += [each._replace(row=start + each.row) for each in table.families]
        words[log.scenario] |= dict.fromkeys(table.words)
        start += rows
        table.columns.clear()
        table.figures.clear()
        table.words.clear()
    if not frames:
        frames = [pd.DataFrame({column: [] for column in COLUMNS})]
    frame = pd.concat(frames, ignore_index=True)
    for column in {*TEXT_COLUMNS, *(key for keys in words.values() for key in keys)} - {"sample_id", "uuid"}:
        frame[column] = frame[column].fillna("").astype("category")
    rate_keys = {
        scenario: _rate_keys(frame, scenario, logs) for scenario in dict.fromkeys(log.scenario for log in logs)
    }
    told = dict.fromkeys((*(key for keys in rate_keys.values() for key in keys), "outcome", "headline"))
    frame, repeated = _once(frame, logs, list(told))
    for name, values in read_scans(root).items():
        frame = frame.assign(**{f"{SCAN}{name}": frame["uuid"].map(values)})
    found = pd.DataFrame(families, columns=list(FamilyRecall._fields))
    return Reading(
        folder=root,
        frame=frame,
        families=found[found["row"].isin(frame.index)],
        logs=tuple(logs),
        left_out=tuple(left_out),
        repeated=tuple(repeated),
        rate_keys=rate_keys,
        word_keys={
            scenario: tuple(key for key in keys if not _names_the_place(frame[frame["scenario"] == scenario], key))
            for scenario, keys in words.items()
        },
    )


def _once(frame: "pd.DataFrame", logs: Sequence[LogFile], told: Sequence[str]) -> tuple["pd.DataFrame", list[Repeated]]:
    """Keep one row of each run.

    A run (its uuid) that stands in several files is one run: a file in which it is scored goes before one in which it
    is not, and then the file that was written last. A place in the design that a task ran again, because the first time
    broke, counts once too: a run that was scored goes before one that was not, and then the later before the earlier.
    Where files say of the same run different things (in the columns `told`), which of them counts hangs on no more than
    the time that a file was written; such runs are marked.
    """
    frame = frame.assign(**{COPIES_DIFFER: False})
    repeated: list[Repeated] = []
    rank = {log.file: (log.created, log.written, log.file) for log in logs}
    order = {file: place for place, file in enumerate(sorted(rank, key=lambda file: rank[file]))}
    age = frame["file"].astype(str).map(order)
    task = frame["file"].astype(str).map({log.file: log.task_id or log.file for log in logs})
    place = task.astype(str) + "\0" + frame["sample_id"].astype(str) + "\0" + frame["epoch"].astype(str)
    identity = frame["uuid"].where(frame["uuid"] != "", place)
    for key, how in ((identity, "same_run"), (place, "run_again")):
        alike = frame.assign(key=key, age=age).loc[frame.index]
        chosen = alike.sort_values(["covered", "age"], kind="stable").drop_duplicates("key", keep="last")
        dropped = alike.drop(chosen.index)
        if len(dropped):
            counted = chosen.set_index("key")["file"].astype(str)
            files = list(zip(dropped["file"].astype(str), dropped["key"].map(counted), strict=True))
            unlike = _unlike(dropped, chosen, told)
            if how == "same_run":
                frame.loc[chosen.index[chosen["key"].isin(dropped.loc[unlike, "key"])], COPIES_DIFFER] = True
            pairs = Counter(files)
            differing = Counter(pair for pair, differs in zip(files, unlike, strict=True) if differs)
            repeated += [Repeated(*pair, runs, how, differing[pair]) for pair, runs in sorted(pairs.items())]  # type: ignore[arg-type]
        frame = frame.loc[frame.index.intersection(chosen.index)]
        place = place.loc[frame.index]
        age = age.loc[frame.index]
    return frame, repeated


def _unlike(dropped: "pd.DataFrame", chosen: "pd.DataFrame", told: Sequence[str]) -> "pd.Series[bool]":
    """Say of each run that is not counted whether it was scored, and otherwise than the one that is counted for it."""
    import pandas as pd

    counted = chosen.set_index("key").loc[dropped["key"]].set_axis(dropped.index)
    unlike = pd.Series(False, index=dropped.index)
    for column in told:
        mine, other = dropped[column].astype(object), counted[column].astype(object)
        unlike |= (mine != other) & ~(mine.isna() & other.isna())
    return unlike & dropped["covered"].astype(bool) & counted["covered"].astype(bool)


def _names_the_place(frame: "pd.DataFrame", key: str) -> bool:
    """Whether a word says of every run where it stands in the design, and nothing of what was done."""
    pairs = frame.loc[frame[key] != "", [key, "work"]].drop_duplicates()
    return len(pairs) > 0 and all(str(word) in str(work).split("-") for word, work in pairs.itertuples(index=False))


def _rate_keys(frame: "pd.DataFrame", scenario: str, logs: Sequence[LogFile]) -> tuple[str, ...]:
    declared = [rate.key for log in logs if log.scenario == scenario for rate in log.design.rates]
    return tuple(key for key in dict.fromkeys(declared) if key in frame.columns)
