"""From a compose file to what the keeper starts: for each service its file system, its limits and its first process."""

import base64
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, Final

from pydantic import BaseModel

from sabotage_evals.backends.bwrap.compose import ComposeFile, Service, read_compose
from sabotage_evals.backends.bwrap.image import Image, User, read_image
from sabotage_evals.backends.bwrap.kernel import CAPABILITIES
from sabotage_evals.backends.bwrap.protocol import IMAGE, VOLUMES
from sabotage_evals.refusal import Refusal

VOLUME_SIZE: Final = 96 * 2**20
"""Bytes that one volume may hold; a container's named volume has no such bound. They count as memory."""
VOLUME_FILES: Final = 16_384
OPEN_FILES: Final = 4096
ADDRESSES: Final = 8
"""Where no control group bounds memory: times the service's memory that one process may address. What it really holds
is watched."""
INIT: Final = "/usr/local/sbin/init"
_INIT_TEXT: Final = """\
#!/bin/sh
# Start the service, pass the signal to end on to it, bury orphans, and end with it.
printf up >&9
read -r _ <&8 || exit 1
exec 8<&- 9>&- 2>/dev/null
"$@" &
child=$!
trap 'kill -s TERM $child' TERM INT HUP
while :; do
    wait $child
    status=$?
    kill -s 0 $child 2>/dev/null || exit $status
done
"""
_BASES: Final = (
    "/etc",
    "/home",
    "/opt",
    "/srv",
    "/usr/local/bin",
    "/usr/local/lib",
    "/usr/local/sbin",
    "/usr/local/share",
)
"""Folders into which an image may put files of its own."""
_FOLDERS: Final = ("/home", "/media", "/mnt", "/opt", "/root", "/run", "/srv", "/sys", "/tmp", "/var/log", "/var/tmp")
_STICKY: Final = ("/tmp", "/var/tmp")
_LINKED: Final = ("/bin", "/lib", "/lib32", "/lib64", "/libx32", "/sbin")
"""What leads into `/usr` on a merged system, and is a folder of its own on another."""
_FROM_HOST: Final = ("/etc/alternatives", "/etc/ld.so.cache")
"""The two parts of the host's `/etc` without which its programs are not found."""
_PROFILE: Final = """\
# Read by every login shell.

if [ "$(id -u)" -eq 0 ]; then
    PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
else
    PATH="/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"
fi
export PATH
"""


@dataclass(frozen=True)
class Blueprint:
    """A world that can be started any number of times."""

    services: dict[str, dict[str, Any]]
    volumes: dict[str, dict[str, Any]]
    users: dict[str, User]
    """The user of each service."""

    def request(self, control_groups: bool) -> dict[str, Any]:
        """Return what the keeper must be asked to start one more of these worlds.

        Args:
            control_groups: Whether the keeper's control groups bound memory; else each process is bounded by itself.
        """
        services = {}
        for name, spec in self.services.items():
            each = dict(spec["limits"]["each"])
            if not control_groups and spec["limits"]["memory"]:
                each["AS"] = spec["limits"]["memory"] * ADDRESSES
            hostname = spec["hostname"] or secrets.token_hex(6)
            services[name] = {
                **spec,
                "arguments": [*spec["arguments"], "--hostname", hostname],
                "environment": {**spec["environment"], "HOSTNAME": hostname},
                "limits": {**spec["limits"], "each": each},
            }
        return {"world": f"w-{secrets.token_hex(5)}", "services": services, "volumes": self.volumes}


def read_blueprint(config: str | BaseModel) -> Blueprint:
    """Read a compose file and the Dockerfiles that it names, again only where one of them changed.

    Raises:
        Refusal: They say something that cannot be done here.
    """
    compose, folder = read_compose(config)
    dockerfiles = {name: _dockerfile(service, folder) for name, service in compose.services.items()}
    stamp = tuple(sorted((str(path), path.stat().st_mtime_ns) for path in _sources(dockerfiles)))
    return _blueprint(compose.model_dump_json(), str(folder), stamp)


@cache
def _blueprint(compose_text: str, folder: str, stamp: tuple[tuple[str, int], ...]) -> Blueprint:
    compose = ComposeFile.model_validate_json(compose_text)
    images = {name: read_image(*_dockerfile(service, Path(folder))) for name, service in compose.services.items()}
    users = {name: _user_of(name, service, images[name]) for name, service in compose.services.items()}
    return Blueprint(
        services={
            name: _service(name, service, images[name], users[name]) for name, service in compose.services.items()
        },
        volumes={volume: _volume(volume, compose, images) for volume in compose.volumes},
        users=users,
    )


def _dockerfile(service: Service, folder: Path) -> tuple[Path, Path]:
    context = (folder / service.build.context).resolve()
    return context / service.build.dockerfile, context


def _sources(dockerfiles: dict[str, tuple[Path, Path]]) -> Iterator[Path]:
    for dockerfile, context in dockerfiles.values():
        if dockerfile.is_file():
            yield dockerfile
        for path in dockerfile.parent.rglob("*") if context.is_dir() else ():
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def _user_of(name: str, service: Service, image: Image) -> User:
    wanted = service.user or image.user
    user = image.find_user(wanted)
    if user is None:
        raise Refusal(
            f"The service '{name}' runs as '{wanted}', whom its Dockerfile does not make; add `useradd` with --uid and "
            "--gid there."
        )
    return user


def _service(name: str, service: Service, image: Image, user: User) -> dict[str, Any]:
    working_directory = service.working_dir or image.working_directory
    environment = {**image.environment, "HOME": user.home, **service.environment}
    image.files[INIT] = (_INIT_TEXT.encode(), 0o755)
    etc = _etc(image, service.hostname)
    own = {**image.files, **etc}
    volumes = tuple(mount.at for mount in service.volumes)
    kept = {path: what for path, what in own.items() if not path.startswith(tuple(f"{at}/" for at in volumes))}
    files = [
        {"path": path.lstrip("/"), "mode": mode, "data": base64.b64encode(data).decode()}
        for path, (data, mode) in sorted(kept.items())
    ]
    files += [{"path": path.lstrip("/"), "mode": 0o755, "data": None} for path in ("/etc/alternatives",)]
    arguments = [
        *("--unshare-user", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"),
        *("--unshare-cgroup-try", "--die-with-parent", "--as-pid-1", "--clearenv"),
        *("--uid", str(user.uid), "--gid", str(user.gid)),
        *(word for key, value in environment.items() for word in ("--setenv", key, value)),
        *_system(name, kept),
        *("--proc", "/proc", "--dev", "/dev"),
        *(word for folder in _FOLDERS for word in _folder(folder)),
        *_mounts(service),
        *("--remount-ro", "/dev", "--remount-ro", "/usr/local", "--remount-ro", "/"),
        *("--chdir", working_directory),
    ]
    for capability in service.cap_add:
        arguments += ["--cap-add", f"CAP_{capability}"]
    return {
        "arguments": arguments,
        "command": ["/bin/sh", INIT, *service.command],
        "files": files,
        "hostname": service.hostname,
        "environment": environment,
        "working_directory": working_directory,
        "capabilities": [CAPABILITIES[capability] for capability in service.cap_add],
        "limits": {
            "each": {"NPROC": service.pids_limit, "NOFILE": OPEN_FILES, "CORE": 0}
            | {name.upper(): value for name, value in service.ulimits.items()}
            if service.pids_limit
            else {"NOFILE": OPEN_FILES, "CORE": 0},
            "memory": service.mem_limit,
            "processes": service.pids_limit,
            "cpus": service.cpus,
        },
    }


def _etc(image: Image, hostname: str) -> dict[str, tuple[bytes, int]]:
    passwd = "".join(f"{u.name}:x:{u.uid}:{u.gid}::{u.home}:{u.shell}\n" for u in image.users.values())
    group = "".join(f"{name}:x:{gid}:\n" for name, gid in image.groups.items())
    release = Path("/usr/lib/os-release")
    texts = {
        "passwd": passwd + "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
        "group": group + "nogroup:x:65534:\n",
        "hostname": f"{hostname or 'localhost'}\n",
        "hosts": f"127.0.0.1\tlocalhost {hostname}\n::1\tlocalhost ip6-localhost ip6-loopback\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
        "profile": _PROFILE,
        "bash.bashrc": "# Read by interactive shells.\n",
        "ld.so.cache": "",
        "os-release": release.read_text(encoding="utf-8") if release.is_file() else "",
    }
    return {f"/etc/{name}": (text.encode(), 0o644) for name, text in texts.items()}


def _system(name: str, files: dict[str, tuple[bytes, int]]) -> Iterator[str]:
    """The host's programs, read-only, and over them what the image brings."""
    yield from ("--ro-bind", "/usr", "/usr", "--tmpfs", "/usr/local")
    for base in _BASES:
        yield from ("--dir", base)
    for link in _LINKED:
        if os.path.islink(link):
            yield from ("--symlink", os.readlink(link), link)
        elif os.path.isdir(link):
            yield from ("--ro-bind", link, link)
    places: dict[str, None] = {"/etc": None}
    for path in files:
        under = next((base for base in _BASES if path.startswith(f"{base}/")), None)
        if under is None:
            raise Refusal(
                f"The image of '{name}' puts a file at {path}; on the sandbox 'bwrap' it can be put under "
                f"{', '.join(_BASES)} or on a volume."
            )
        if under != "/etc":
            places[f"{under}/{PurePosixPath(path).relative_to(under).parts[0]}"] = None
    for place in places:
        yield from ("--ro-bind", f"{IMAGE}/{name}{place}", place)
    for shared in filter(os.path.exists, _FROM_HOST):
        yield from ("--ro-bind", shared, shared)


def _folder(folder: str) -> Iterator[str]:
    mode = "1777" if folder in _STICKY else "0700" if folder == "/root" else "0755"
    yield from ("--perms", mode, "--dir", folder)


def _mounts(service: Service) -> Iterator[str]:
    for mount in sorted(service.volumes, key=lambda mount: mount.at):
        yield from ("--ro-bind" if mount.read_only else "--bind", f"{VOLUMES}/{mount.volume}", mount.at)


def _volume(volume: str, compose: ComposeFile, images: dict[str, Image]) -> dict[str, Any]:
    """A fresh volume holds what the image has at its place, as Compose fills it."""
    files: list[dict[str, Any]] = []
    mode = 0o755
    for name, service in compose.services.items():
        for at in (mount.at for mount in service.volumes if mount.volume == volume):
            mode = 0o1777 if at in _STICKY else mode
            files += [
                {"path": path.removeprefix(f"{at}/"), "mode": bits, "data": base64.b64encode(data).decode()}
                for path, (data, bits) in images[name].files.items()
                if path.startswith(f"{at}/")
            ]
    return {"mode": mode, "size": VOLUME_SIZE, "inodes": VOLUME_FILES, "files": files}
