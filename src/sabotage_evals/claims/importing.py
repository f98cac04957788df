"""Take in transcripts of a shutdown experiment that our tasks did not make, and give them our names.

Inspect logs keep all that they hold and get a score beside their own; JSON Lines become Inspect logs. What comes out is
read like any log: by `inspect view`, by `sabotage-evals report`.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
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


def import_transcripts(source: Path, mapping: Path, output: Path) -> int:
    """Read transcripts, name them, write them as Inspect logs, and print what came of it.

    Args:
        source: An Inspect log, a file of JSON Lines, or a folder of either.
        mapping: The mapping file.
        output: The folder that the logs are written to; nothing in it is overwritten.

    Returns:
        0; what cannot be read is told, and raises where nothing else is left.

    Raises:
        Refusal: The mapping cannot be used, there is nothing to read, or a log of that name is there already.
    """
    known = read_mapping(mapping)
    console = Console()
    counts: Counter[tuple[str, str]] = Counter()
    missed = runs = 0
    for path in _sources(source):
        for log in _logs_of(path, known):
            named = _name(log, known, mapping)
            target = output / f"{path.stem}{_ending(log)}-imported.eval"
            if target.exists():
                raise Refusal(f"{target} is there already, and nothing is overwritten; give another --output.")
            output.mkdir(parents=True, exist_ok=True)
            write_eval_log(named, str(target))
            for sample in named.samples or []:
                told = (sample.scores or {})[SCORER].value
                assert isinstance(told, dict)
                counts[str(told["outcome"]), str(told["route"])] += 1
                missed += told["missed_by_marker"] == 1
                runs += 1
            console.print(f"{target}", highlight=False, soft_wrap=True)
    console.print(_table(counts))
    console.print(
        f"{runs} runs, named from their transcripts alone: acts that left no trace there are not counted.",
        highlight=False,
    )
    if known.marker is not None:
        console.print(f"{missed} of them tampered, and the harness's own marker missed it.", highlight=False)
    return 0


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
    return "" if log.location else f"-{sha256(str(log.eval.model).encode()).hexdigest()[:6]}"


def _name(log: EvalLog, mapping: TranscriptMapping, file: Path) -> EvalLog:
    """Place every run in a design, and score it."""
    arms: dict[str, str] = {}
    seen: Counter[tuple[str, str]] = Counter()
    for sample in log.samples or []:
        metadata = dict(sample.metadata or {})
        arm = str(metadata.get(mapping.arm_from or "", mapping.arm))
        wording = str(metadata.get(mapping.wording_from or "", "w1"))
        seen[arm, wording] += 1
        seed = seen[arm, wording]
        place = {"arm": arm, "wording": wording, "work": "imported", "seed": seed}
        marker = marker_of(mapping, metadata, sample.scores or {})
        sample.metadata = metadata | place | {"unit": f"{wording}/imported/{seed}", MARKER_KEY: marker}
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
    log.eval.metadata = (
        (log.eval.metadata or {})
        | design.as_metadata()
        | {"imported_from": mapping.name, "imported_by": mapping.model_dump()}
    )
    return score(log, shutdown_transcript(str(file)), model="none", action="append", display="none", copy=False)


# --- JSON Lines ------------------------------------------------------------------------------------------------------


def _read_lines(path: Path, mapping: TranscriptMapping) -> Iterator[EvalLog]:
    """Read one run a line (`messages`), or one message a line (`run`); a log for each model comes out."""
    runs: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        told = _record(path, number, line)
        if "messages" in told:
            name = str(told.get("id", number))
            if name in runs:
                raise Refusal(
                    f"{path}, line {number}: the run '{name}' is there twice; give each run an id of its own."
                )
            runs[name] = told
        elif "run" in told and "role" in told:
            run = runs.setdefault(str(told["run"]), {"messages": []})
            run["messages"].append(told)
            run |= {key: told[key] for key in ("model", "end", "metadata") if key in told}
        else:
            raise Refusal(f"{path}, line {number}: it has neither 'messages' nor 'run' and 'role'; see docs/import.md.")
    by_model: dict[str, list[EvalSample]] = {}
    for name, run in runs.items():
        sample = _sample(path, name, run)
        by_model.setdefault(str(run.get("model", "unknown/unknown")), []).append(sample)
    for model, samples in by_model.items():
        yield _log_of(path, model, samples, mapping)


def _record(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except json.JSONDecodeError as error:
        raise Refusal(f"{path}, line {number}: it is no JSON ({error.msg}); each line is one object.") from error
    if not isinstance(told, dict):
        raise Refusal(f"{path}, line {number}: it is no object; each line is one.")
    return told


def _sample(path: Path, name: str, run: Mapping[str, Any]) -> EvalSample:
    end = run.get("end", "stopped")
    if end not in ENDINGS:
        raise Refusal(f"{path}, run '{name}': 'end' is {end!r}; choose from {', '.join(ENDINGS)}.")
    messages = [_message(path, name, told) for told in run["messages"]]
    last = next((m for m in reversed(messages) if isinstance(m, ChatMessageAssistant)), None)
    return EvalSample(
        id=name,
        epoch=1,
        input=next((m.text for m in messages if m.role == "user"), ""),
        target="",
        messages=messages,
        output=ModelOutput.from_content(str(run.get("model", "unknown")), last.text if last else ""),
        metadata={**dict(run.get("metadata") or {}), END_KEY: end},
    )


def _message(path: Path, name: str, told: Mapping[str, Any]) -> ChatMessage:
    role, content = told.get("role"), told.get("content") or ""
    if isinstance(content, list):
        content = "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    match role:
        case "system" | "developer":
            return ChatMessageSystem(content=content)
        case "user":
            return ChatMessageUser(content=content)
        case "assistant":
            calls = [_call(path, name, call) for call in told.get("tool_calls") or []]
            return ChatMessageAssistant(content=content, tool_calls=calls or None)
        case "tool":
            return ChatMessageTool(
                content=content,
                tool_call_id=told.get("tool_call_id"),
                function=told.get("name") or told.get("function"),
            )
    raise Refusal(f"{path}, run '{name}': there is no role {role!r}; choose from system, user, assistant, tool.")


def _call(path: Path, name: str, told: Mapping[str, Any]) -> ToolCall:
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
        raise Refusal(f"{path}, run '{name}': a tool call has no name, or arguments that are none; see docs/import.md.")
    return ToolCall(id=str(told.get("id", "")), function=str(tool), arguments=dict(arguments))


def _log_of(path: Path, model: str, samples: Sequence[EvalSample], mapping: TranscriptMapping) -> EvalLog:
    return EvalLog(
        status="success",
        eval=EvalSpec(
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
