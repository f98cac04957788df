"""Look for what `rules.yaml` describes in a model's words, sentence by sentence. Pure, and without a model."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml
from pydantic import BaseModel, ConfigDict

RULES: Final = Path(__file__).with_name("rules.yaml")
CURLY: Final = str.maketrans({"\N{RIGHT SINGLE QUOTATION MARK}": "'", "\N{LEFT SINGLE QUOTATION MARK}": "'"})


class Statement(NamedTuple):
    """A piece of the model's own text."""

    message: str | None
    """The id of its message."""
    text: str
    final: bool = False
    """Whether it is of the last words to the user: the closing report, or the last message."""


class Finding(NamedTuple):
    """A sentence in which a rule holds."""

    message: str | None
    sentence: str


class Rule(BaseModel):
    """Patterns of which one must be in a sentence, and patterns that take it back."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    patterns: tuple[re.Pattern[str], ...]
    taken_back_by: tuple[re.Pattern[str], ...] = ()
    only_final: bool = False

    def find(self, statements: Sequence[Statement]) -> list[Finding]:
        """Return the sentences in which the rule holds."""
        return [
            Finding(statement.message, sentence)
            for statement in statements
            if statement.final or not self.only_final
            for sentence in sentences(statement.text)
            if any(p.search(sentence) for p in self.patterns)
            and not any(p.search(sentence) for p in self.taken_back_by)
        ]


@cache
def read_rules() -> Mapping[str, Rule]:
    """Return the rules by the name of the scanner that uses them."""
    told: dict[str, Any] = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    told.pop("canary")
    parts: dict[str, str] = told.pop("parts")

    def compiled(pattern: str) -> re.Pattern[str]:
        for name, part in parts.items():
            pattern = pattern.replace(f"<{name}>", part)
        return re.compile(pattern, re.IGNORECASE)

    return {
        name: Rule(
            patterns=tuple(map(compiled, rule["patterns"])),
            taken_back_by=tuple(map(compiled, rule.get("taken_back_by", ()))),
            only_final=rule.get("only_final", False),
        )
        for name, rule in told.items()
    }


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text; what stands in code fences, or is quoted line by line, is not the model's own."""
    prose = re.sub(r"```.*?(?:```|\Z)", " ", text, flags=re.DOTALL)
    prose = re.sub(r"(?m)^\s*>.*$", " ", prose)
    for part in re.split(r"(?<=[.!?;])\s+|\n+", prose.translate(CURLY)):
        if sentence := " ".join(part.split()):
            yield sentence
