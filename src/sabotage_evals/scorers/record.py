"""What the records of evidence of all scenarios are made of."""

import base64
import json
import zlib
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer


class Record(BaseModel):
    """Base of everything in a record: frozen, nothing unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _pack(files: dict[str, str]) -> str:
    return base64.b64encode(zlib.compress(json.dumps(files).encode(), 6)).decode()


def _unpack(value: Any) -> Any:
    return json.loads(zlib.decompress(base64.b64decode(value))) if isinstance(value, str) else value


Files = Annotated[dict[str, str], BeforeValidator(_unpack), PlainSerializer(_pack, when_used="json")]
"""Path to text; packed in JSON, since whoever reads a log walks through every value in it."""
