"""Read a world's compose file: the part of Compose that our worlds use. Anything else is refused, never ignored."""

from pathlib import Path
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from sabotage_evals.backends.bwrap.kernel import CAPABILITIES
from sabotage_evals.refusal import Refusal

_UNITS: Final = {"b": 1, "k": 2**10, "m": 2**20, "g": 2**30}


def _size(value: object) -> object:
    """Read a size as Compose writes it: a number of bytes, or one with the unit b, k, m or g."""
    if isinstance(value, str) and value[:-1].isdigit() and value[-1].lower() in _UNITS:
        return int(value[:-1]) * _UNITS[value[-1].lower()]
    return value


def _seconds(value: object) -> object:
    return value[:-1] if isinstance(value, str) and value.endswith("s") else value


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Build(_Strict):
    """Where a service's image is made from."""

    context: str
    dockerfile: str = "Dockerfile"


class Mount(_Strict):
    """A volume at a place in a service."""

    volume: str
    at: str
    read_only: bool


def _mount(value: object) -> object:
    if not isinstance(value, str):
        return value
    parts = value.split(":")
    if len(parts) not in {2, 3} or not parts[1].startswith("/") or parts[2:] not in ([], ["ro"], ["rw"]):
        raise ValueError(f"the mount '{value}' is not of the form volume:/path or volume:/path:ro")
    if "/" in parts[0] or parts[0].startswith((".", "~")):
        raise ValueError(f"the mount '{value}' is a folder of the host; only named volumes can be had")
    return Mount(volume=parts[0], at=parts[1], read_only=parts[2:] == ["ro"])


def _build(value: object) -> object:
    return {"context": value} if isinstance(value, str) else value


def _environment(value: object) -> object:
    return dict(str(pair).split("=", 1) for pair in value) if isinstance(value, list) else value


class Service(_Strict):
    """One service, as the compose file gives it."""

    build: Annotated[Build, BeforeValidator(_build)]
    image: str = ""
    command: list[str]
    init: Literal[True]
    """Without an init of ours nothing would reap a service's orphans."""
    user: str = ""
    working_dir: str = ""
    hostname: str = ""
    environment: Annotated[dict[str, str], BeforeValidator(_environment)] = Field(default_factory=dict)
    network_mode: Literal["none"]
    read_only: Literal[True]
    cap_drop: tuple[Literal["ALL"]]
    cap_add: tuple[str, ...] = ()
    security_opt: tuple[Literal["no-new-privileges:true"]]
    pids_limit: int = 0
    mem_limit: Annotated[int, BeforeValidator(_size)] = 0
    cpus: float = 0
    ulimits: dict[Literal["fsize", "core", "nofile"], int] = Field(default_factory=dict)
    stop_grace_period: Annotated[float, BeforeValidator(_seconds)] = 10
    """Read, and of no use here: nobody waits for a service that is to end."""
    volumes: tuple[Annotated[Mount, BeforeValidator(_mount)], ...] = ()


class ComposeFile(_Strict):
    """A whole compose file."""

    services: dict[str, Service]
    volumes: dict[str, None] = Field(default_factory=dict)


def read_compose(config: str | Path | BaseModel) -> tuple[ComposeFile, Path]:
    """Read a compose file, or the same as Inspect's own model of one; return it with the folder that it speaks of.

    Raises:
        Refusal: It says something that cannot be done here.
    """
    if isinstance(config, BaseModel):
        name, folder = "The compose configuration", Path.cwd()
        found: Any = config.model_dump(exclude_none=True, exclude_unset=True)
    else:
        path = Path(config)
        name, folder = str(path), path.resolve().parent
        try:
            found = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise Refusal(f"{name} cannot be read ({error}); the sandbox 'bwrap' needs a compose file.") from error
    try:
        compose = ComposeFile.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        what = "is not known" if first["type"] == "extra_forbidden" else first["msg"]
        raise Refusal(
            f"{name}: '{where}' cannot be had on the sandbox 'bwrap' ({what}); take it out, or use docker."
        ) from error
    _check(compose, name)
    return compose, folder


def _check(compose: ComposeFile, name: str) -> None:
    if "default" not in compose.services:
        raise Refusal(f"{name}: no service is called 'default'; give the agent's machine that name.")
    for label, service in compose.services.items():
        for mount in service.volumes:
            if mount.volume not in compose.volumes:
                raise Refusal(
                    f"{name}: the volume '{mount.volume}' of '{label}' is not among the file's volumes; add it."
                )
        for capability in service.cap_add:
            if capability not in CAPABILITIES:
                raise Refusal(
                    f"{name}: the capability '{capability}' of '{label}' cannot be added on the sandbox 'bwrap'; "
                    f"choose from {', '.join(CAPABILITIES)}, or use docker."
                )
