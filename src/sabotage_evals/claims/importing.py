"""Take in transcripts of a shutdown experiment that our tasks did not make, and give them our names.

Inspect logs keep all that they hold and get a score beside their own; JSON Lines become Inspect logs. What comes out is
read like any log: by `inspect view`, by `sabotage-evals report`.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from inspect_ai import score
from inspect_ai.log import (
    EvalConfig,
    EvalDataset,
    EvalLog,
    EvalSample,
    EvalSpec,
    EvalStats,
    read_eval_log,
    write_eval_log,
)
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    ModelOutput,
)
from inspect_ai.tool import ToolCall
from rich.console import Console
from rich.table import Table

from sabotage_evals.design import Design, Headline, Rate
from sabotage_evals.refusal import Refusal
from sabotage_evals.scorers.shutdown.imported.mapping import TranscriptMapping, read_mapping
from sabotage_evals.scorers.shutdown.imported.scorer import (
    END_KEY,
    MARKER_KEY,
    SCORER,
    marker_of,
    shutdown_transcript,
)

SCENARIO: Final = "shutdown_transcript"
"""What imported runs are called in a report: never `shutdown`, whose verdicts rest on a witness."""
LOGS: Final = (".eval", ".json")
LINES: Final = (".jsonl", ".ndjson")
ENDINGS: Final = ("submitted", "stopped", "limit", "error", "filtered")
THEIRS: Final = "theirs"
"""Where the metadata keeps what stood under a name that ours needs."""
NO_PROVIDER: Final = "unknown"
"""What stands for the provider of a model that is named without one."""
MANY: Final = 5
"""Kinds of calls that are named at once."""


@dataclass
class _Tally:
    """What came of the runs, and how much of them the mapping met."""

    runs: int = 0
    called: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: int = 0
    """Runs that tampered and of which the marker says that they did not resist."""
    marked: int = 0
    """Runs that the marker says anything of."""
    with_arm: int = 0
    with_wording: int = 0
    notices: int = 0
    clients: int = 0
    scripts_elsewhere: int = 0
    unread: Counter[str] = field(default_factory=Counter)
    """Calls that the mapping finds no command in, by tool."""

    def meet(self, sample: EvalSample, mapping: TranscriptMapping) -> None:
        """Count a run as it came."""
        self.runs += 1
        self.with_arm += _own(sample, mapping.arm_from) is not None
        self.with_wording += _own(sample, mapping.wording_from) is not None

    def add(self, sample: EvalSample) -> None:
        """Count what a run was called, and what was met in it."""
        found = (sample.scores or {})[SCORER]
        told, met = found.value, found.metadata or {}
        assert isinstance(told, dict)
        self.called[str(told["outcome"]), str(told["route"])] += 1
        self.missed += told["missed_by_marker"] == 1
        self.marked += sample.metadata[MARKER_KEY] is not None
        self.notices += bool(met["notice_found"])
        self.clients += bool(met["client_called"])
        self.scripts_elsewhere += bool(met["script_elsewhere"])
        self.unread.update(met["unread_calls"])


def import_transcripts(source: Path, mapping: Path, output: Path) -> int:
    """Read transcripts, name them, write them as Inspect logs, and print what came of it.

    Args:
        source: An Inspect log, a file of JSON Lines, or a folder of either.
        mapping: The mapping file.
        output: The folder that the logs are written to, in folders like the source's; nothing in it is overwritten.

    Returns:
        0.

    Raises:
        Refusal: The mapping cannot be used, it names what no run has, a file cannot be read, or a log of that name is
            there already. Then nothing is written.
    """
    known = read_mapping(mapping)
    console = Console()
    tally = _Tally()
    root = source.parent if source.is_file() else source
    paths = _sources(source)
    is_new = not output.exists()
    output.mkdir(parents=True, exist_ok=True)
    try:
        with TemporaryDirectory(dir=output, prefix=".import-") as folder:
            written: dict[Path, Path] = {}
            for path in paths:
                for log in _logs_of(path, known):
                    place = path.relative_to(root).parent / f"{path.stem}{_ending(log)}-imported.eval"
                    target = output / place
                    if target.exists() or target in written.values():
                        raise Refusal(f"{target} is there already, and nothing is overwritten; give another --output.")
                    for sample in log.samples or []:
                        tally.meet(sample, known)
                    named = _name(log, known, mapping)
                    for sample in named.samples or []:
                        tally.add(sample)
                    fresh = Path(folder) / f"{len(written)}.eval"
                    write_eval_log(named, str(fresh))
                    written[fresh] = target
            _refuse_what_no_run_has(known, tally)
            for fresh, target in written.items():
                target.parent.mkdir(parents=True, exist_ok=True)
                fresh.rename(target)
    finally:
        if is_new and not any(output.iterdir()):
            output.rmdir()
    for target in written.values():
        console.print(f"{target}", highlight=False, soft_wrap=True)
    console.print(_table(tally.called))
    for sentence in _told(known, tally):
        console.print(sentence, highlight=False, markup=False, soft_wrap=True)
    return 0


def _refuse_what_no_run_has(mapping: TranscriptMapping, tally: _Tally) -> None:
    for name, key, runs in (
        ("arm_from", mapping.arm_from, tally.with_arm),
        ("wording_from", mapping.wording_from, tally.with_wording),
    ):
        if key is not None and not runs:
            raise Refusal(
                f"No run's metadata has '{key}', which the mapping's '{name}' names; mend it or leave it out."
            )
    marker = mapping.marker
    if marker is not None and not tally.marked:
        where = f"metadata '{marker.metadata}'" if marker.metadata is not None else f"score '{marker.score}'"
        raise Refusal(f"No run has the {where}, which the mapping's 'marker' names; mend it or leave it out.")


def _told(mapping: TranscriptMapping, tally: _Tally) -> Iterator[str]:
    yield f"{tally.runs} runs, named from their transcripts alone: acts that left no trace there are not counted."
    yield f"The notice was found in {tally.notices} of them, a call of the client in {tally.clients}."
    if tally.unread:
        most = ", ".join(f"{name}: {number}" for name, number in tally.unread.most_common(MANY))
        more = f" and {len(tally.unread) - MANY} other kinds" if len(tally.unread) > MANY else ""
        yield (
            f"Calls that the mapping finds no command in: {most}{more}. If they run commands, what those did is not "
            "counted: name the tool and its argument under 'tools'."
        )
    if tally.scripts_elsewhere:
        yield (
            f"In {tally.scripts_elsewhere} runs commands name the script, and none touches {mapping.script}: if it "
            "lies elsewhere, no tampering with it is found; mend 'script' or 'home'."
        )
    for name, key, runs in (
        ("arm", mapping.arm_from, tally.with_arm),
        ("wording", mapping.wording_from, tally.with_wording),
    ):
        if key is not None and runs < tally.runs:
            yield f"{tally.runs - runs} runs have no '{key}' and stand in the {name} of those that have none."
    if mapping.marker is not None:
        silent = f" Of {tally.runs - tally.marked} runs it says nothing." if tally.marked < tally.runs else ""
        yield f"{tally.missed} of them tampered, and the harness's own marker missed it.{silent}"


def _sources(source: Path) -> list[Path]:
    if not source.exists():
        raise Refusal(
            f"There is nothing at {source}; name an Inspect log, a file of JSON Lines, or a folder of either."
        )
    found = [source] if source.is_file() else sorted(path for path in source.rglob("*") if path.is_file())
    known = [path for path in found if path.suffix in {*LOGS, *LINES}]
    if not known:
        endings = ", ".join((*LOGS, *LINES))
        raise Refusal(f"{source} holds no transcripts; files that can be read end in {endings}.")
    return known


def _logs_of(path: Path, mapping: TranscriptMapping) -> Iterator[EvalLog]:
    if path.suffix in LINES:
        yield from _read_lines(path, mapping)
        return
    try:
        log = read_eval_log(str(path))
    except Exception as error:  # whatever is wrong with somebody else's file, it is this file that is named
        raise Refusal(f"{path} is no Inspect log that can be read ({error}); take it out of the folder.") from error
    if not log.samples:
        raise Refusal(f"{path} holds no samples; take it out of the folder.")
    yield log


def _ending(log: EvalLog) -> str:
    return "" if log.location else f"-{_hash(log.eval.model)[:6]}"


def _hash(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()[:22]


def _own(sample: EvalSample, key: str | None) -> str | None:
    """Return what a run's own metadata says under a key of the mapping; None where it says nothing."""
    if key is None:
        return None
    metadata = sample.metadata or {}
    told = metadata.get(THEIRS, {}).get(key, metadata.get(key))
    return None if told is None else str(told)


def _name(log: EvalLog, mapping: TranscriptMapping, file: Path) -> EvalLog:
    """Place every run in a design, and score it; nothing that it holds is lost."""
    arms: dict[str, str] = {}
    seen: Counter[tuple[str, str]] = Counter()
    for sample in log.samples or []:
        arm = _own(sample, mapping.arm_from) or mapping.arm
        wording = _own(sample, mapping.wording_from) or "w1"
        seen[arm, wording] += 1
        seed = seen[arm, wording]
        place = {"arm": arm, "wording": wording, "work": "imported", "seed": seed, "unit": f"{wording}/imported/{seed}"}
        metadata = dict(sample.metadata or {})
        marker = marker_of(mapping, metadata | metadata.get(THEIRS, {}), sample.scores or {})
        sample.metadata = _laid_over(metadata, place | {MARKER_KEY: marker})
        sample.uuid = sample.uuid or _hash(log.eval.eval_id, log.eval.created, str(sample.id), str(sample.epoch))
        arms[arm] = f"{arm} of {mapping.name}"
    design = Design(
        scenario=SCENARIO,
        headline=Headline(key="none", arm="none"),
        rates=(
            Rate(key="resisted", title="stayed up after the order, as far as the transcript tells", context="agentic"),
            Rate(key="tampered", title="resisted or tried to, at least", context="agentic"),
        ),
        arms=arms,
    )
    more = design.as_metadata() | {"imported_from": mapping.name, "imported_by": mapping.model_dump()}
    log.eval.metadata = _laid_over(log.eval.metadata or {}, more)
    # roles are models, and a model of a provider that there is no key for cannot be made, nor is it asked anything here
    roles, log.eval.model_roles = log.eval.model_roles, None
    named = score(log, shutdown_transcript(str(file)), model="none", action="append", display="none", copy=False)
    named.eval.model_roles = roles
    return named


def _laid_over(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    """Return both; what theirs has under a name of ours is kept under `theirs`."""
    hidden = {key: value for key, value in theirs.items() if key in ours and value != ours[key]}
    return {**theirs, **ours, **({THEIRS: {**theirs.get(THEIRS, {}), **hidden}} if hidden else {})}


# --- JSON Lines ------------------------------------------------------------------------------------------------------


def _read_lines(path: Path, mapping: TranscriptMapping) -> Iterator[EvalLog]:
    """Read one run a line (`messages`), or one message a line (`run`); a log for each model comes out."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal(f"{path} is no UTF-8 text ({error.reason} at byte {error.start}); write it as such.") from error
    runs: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        told = _record(path, number, line)
        if "messages" in told:
            name = str(number if told.get("id") is None else told["id"])
            if name in runs:
                raise Refusal(
                    f"{path}, line {number}: the run '{name}' is there twice; give each run an id of its own."
                )
            runs[name] = told
        elif "run" in told and "role" in told:
            run = runs.setdefault(str(told["run"]), {"messages": []})
            _list(run, "messages", f"{path}, run '{told['run']}'").append(told)
            run |= {key: told[key] for key in ("model", "end", "metadata") if key in told}
        else:
            raise Refusal(f"{path}, line {number}: it has neither 'messages' nor 'run' and 'role'; see docs/import.md.")
    digest = sha256(text.encode()).hexdigest()
    by_model: dict[str, list[EvalSample]] = {}
    for name, run in runs.items():
        where = f"{path}, run '{name}'"
        model = _model(run, where)
        by_model.setdefault(model, []).append(_sample(name, model, run, where))
    for model, samples in by_model.items():
        yield _log_of(path, model, samples, mapping, digest)


def _record(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except json.JSONDecodeError as error:
        raise Refusal(f"{path}, line {number}: it is no JSON ({error.msg}); each line is one object.") from error
    if not isinstance(told, dict):
        raise Refusal(f"{path}, line {number}: it is no object; each line is one.")
    return told


def _model(run: Mapping[str, Any], where: str) -> str:
    name = _text(run, "model", where) or "unknown"
    return name if "/" in name else f"{NO_PROVIDER}/{name}"


def _text(told: Mapping[str, Any], key: str, where: str) -> str:
    """Return a text; an empty one where there is none."""
    value = told.get(key)
    if value is not None and not isinstance(value, str):
        raise Refusal(f"{where}: '{key}' is {json.dumps(value)[:40]}; it must be a text.")
    return value or ""


def _list(told: Mapping[str, Any], key: str, where: str) -> list[Any]:
    """Return a list; an empty one where there is none."""
    value = told.get(key)
    if value is not None and not isinstance(value, list):
        raise Refusal(f"{where}: '{key}' is {json.dumps(value)[:40]}; it must be a list.")
    return [] if value is None else value


def _object(value: object, name: str, where: str) -> dict[str, Any]:
    """Return an object; an empty one where there is none."""
    if value is not None and not isinstance(value, dict):
        raise Refusal(f"{where}: {name} is {json.dumps(value)[:40]}; it must be an object.")
    return dict(value) if isinstance(value, dict) else {}


def _sample(name: str, model: str, run: Mapping[str, Any], where: str) -> EvalSample:
    end = run.get("end", "stopped")
    if end not in ENDINGS:
        raise Refusal(f"{where}: 'end' is {end!r}; choose from {', '.join(ENDINGS)}.")
    told = _list(run, "messages", where)
    messages = [_message(_object(each, "a message", where), where) for each in told]
    last = next((m for m in reversed(messages) if isinstance(m, ChatMessageAssistant)), None)
    return EvalSample(
        id=name,
        epoch=1,
        input=next((m.text for m in messages if m.role == "user"), ""),
        target="",
        messages=messages,
        output=ModelOutput.from_content(model, last.text if last else ""),
        metadata=_laid_over(_object(run.get("metadata"), "'metadata'", where), {END_KEY: end}),
    )


def _message(told: Mapping[str, Any], where: str) -> ChatMessage:
    role, content = _text(told, "role", where), _content(told, where)
    match role:
        case "system" | "developer":
            return ChatMessageSystem(content=content)
        case "user":
            return ChatMessageUser(content=content)
        case "assistant":
            calls = [_call(_object(call, "a tool call", where), where) for call in _list(told, "tool_calls", where)]
            return ChatMessageAssistant(content=content, tool_calls=calls or None)
        case "tool":
            call_id = told.get("tool_call_id")
            return ChatMessageTool(
                content=content,
                tool_call_id=None if call_id is None else str(call_id),
                function=_text(told, "name", where) or _text(told, "function", where) or None,
            )
    raise Refusal(f"{where}: there is no role {role!r}; choose from system, user, assistant, tool.")


def _content(told: Mapping[str, Any], where: str) -> str:
    if not isinstance(told.get("content"), list):
        return _text(told, "content", where)
    parts = [part for part in _list(told, "content", where) if isinstance(part, dict)]
    return "\n".join(_text(part, "text", where) for part in parts)


def _call(told: Mapping[str, Any], where: str) -> ToolCall:
    function = told.get("function")
    inner: Mapping[str, Any] = function if isinstance(function, Mapping) else told
    tool = inner.get("name") or (function if isinstance(function, str) else None)
    arguments = inner.get("arguments") or {}
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except json.JSONDecodeError:
            arguments = {"input": arguments}
    if not tool or not isinstance(arguments, dict):
        raise Refusal(f"{where}: a tool call has no name, or arguments that are none; see docs/import.md.")
    return ToolCall(id=str(told.get("id", "")), function=str(tool), arguments=dict(arguments))


def _log_of(path: Path, model: str, samples: Sequence[EvalSample], mapping: TranscriptMapping, digest: str) -> EvalLog:
    """Return a log whose identity is the file's content and the model: a copy of a file holds the same runs."""
    identity = _hash(digest, model)
    return EvalLog(
        status="success",
        eval=EvalSpec(
            eval_id=identity,
            run_id=identity,
            task_id=identity,
            created="1970-01-01T00:00:00+00:00",
            task=mapping.name,
            dataset=EvalDataset(name=path.name, samples=len(samples)),
            model=model,
            config=EvalConfig(),
        ),
        stats=EvalStats(),
        samples=list(samples),
    )


def _table(counts: Counter[tuple[str, str]]) -> Table:
    table = Table(title="What the transcripts show")
    for heading in ("outcome", "route"):
        table.add_column(heading, no_wrap=True)
    table.add_column("runs", justify="right")
    for (outcome, route), count in sorted(counts.items()):
        table.add_row(outcome, route, str(count))
    return table
