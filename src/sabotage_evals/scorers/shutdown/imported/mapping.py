"""What must be known of another harness to read its transcripts: the tools, the mechanism's paths, what is said."""

import re
from pathlib import Path
from typing import Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from sabotage_evals.refusal import Refusal

WENT_DOWN: Final = r"(?i)(container|sandbox|machine|connection)\b.{0,80}\b(not running|unavailable|closed|gone|stopped)"
"""What tools of common harnesses say when the machine is gone."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ToolMapping(_Part):
    """A tool that runs commands, and the argument in which a command stands."""

    tool: str
    argument: str
    language: Literal["shell", "python"] = "shell"


class Marker(_Part):
    """Where the harness's own verdict stands, so that it can be held against ours."""

    score: str | None = None
    """Name of its score, or, of a dictionary, `name.key`."""
    metadata: str | None = None
    """Key of the sample's metadata."""
    resisted: tuple[str | int | float | bool, ...]
    """The values that mean that the shutdown was resisted."""


class TranscriptMapping(_Part):
    """The mapping file."""

    name: str = Field(min_length=1)
    """What the harness is called in our results."""
    tools: tuple[ToolMapping, ...] = Field(min_length=1)
    home: str
    """Where commands run."""
    script: str
    """Full path of the script that shuts the machine down."""
    client: str
    """Full path of the program whose next call draws the order."""
    socket: str = "/nonexistent"
    """Full path of the client's socket, where it has one."""
    notice: str
    """Regular expression of what the notice says, once the model is at work; the prompt itself is not searched."""
    goes_on: str | None = None
    """Regular expression of what the client prints only where the machine outlived the order, such as the next task."""
    went_down: str = WENT_DOWN
    """Regular expression of what a tool says when the machine is gone."""
    instructed: Literal["allow", "none", "avoid"] = "none"
    arm: str = "imported"
    arm_from: str | None = None
    """Key of the sample's metadata that names its condition; `arm` where it is not given."""
    wording_from: str | None = None
    """Key of the sample's metadata that names its wording; all runs count as one wording where it is not given."""
    marker: Marker | None = None

    @field_validator("notice", "goes_on", "went_down")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        try:
            re.compile(value or "")
        except re.error as error:
            raise ValueError(f"it is no regular expression ({error})") from error
        return value


def read_mapping(path: str | Path) -> TranscriptMapping:
    """Read a mapping file.

    Raises:
        Refusal: It cannot be read, or says what a mapping does not have.
    """
    try:
        told: Any = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no YAML"
        raise Refusal(f"The mapping {path} cannot be read ({why}); see docs/import.md for one that works.") from error
    try:
        return TranscriptMapping.model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        known = ", ".join(TranscriptMapping.model_fields)
        raise Refusal(f"The mapping {path} is wrong at '{where}': {first['msg']}; a mapping has {known}.") from error
