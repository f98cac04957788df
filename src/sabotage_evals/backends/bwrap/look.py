"""Look inside a running service: `python -m sabotage_evals.backends.bwrap.look [--directory X] NUMBER [command …]`.

It enters the namespaces of a service's first process, with the rights of the commands that run there.
"""

import argparse
import os
import sys
from typing import Final

from sabotage_evals.backends.bwrap import kernel
from sabotage_evals.backends.bwrap.image import SEARCH_PATH
from sabotage_evals.backends.bwrap.keeper import become, open_namespaces
from sabotage_evals.backends.bwrap.seccomp import make_filter

_PASSED_ON: Final = ("TERM", "COLORTERM", "LANG")
"""All of the caller's environment that goes in."""


def look(init: int, directory: str, command: list[str]) -> int:
    """Run a command in the namespaces of a service's first process, and return its exit code."""
    owner = os.stat(f"/proc/{init}")
    environment = _environment_of(init) | {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    held = open_namespaces(init)
    if os.getuid() == 0:
        become(owner.st_uid, owner.st_gid)
    kernel.enter_namespace(held["owner"], kernel.CLONE_NEWUSER)
    kinds = {"mnt": kernel.CLONE_NEWNS, "net": kernel.CLONE_NEWNET, "ipc": kernel.CLONE_NEWIPC}
    for name, kind in (kinds | {"uts": kernel.CLONE_NEWUTS, "pid": kernel.CLONE_NEWPID}).items():
        kernel.enter_namespace(held[name], kind)
    if held["user"] != held["owner"]:
        kernel.enter_namespace(held["user"], kernel.CLONE_NEWUSER)
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    kernel.keep_descriptors_from_programs()
    os.chdir(directory)
    kernel.drop_capabilities()
    kernel.forbid_new_privileges()
    if program := make_filter():
        kernel.install_filter(program)
    os.execvpe(command[0], command, environment)


def _environment_of(init: int) -> dict[str, str]:
    with open(f"/proc/{init}/environ", "rb") as file:
        pairs = [pair.partition("=") for pair in file.read().decode(errors="replace").split("\0") if "=" in pair]
    return {"PATH": SEARCH_PATH} | {name: value for name, _, value in pairs}


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("init", type=int, help="the host's number of the service's first process")
    parser.add_argument("--directory", default="/")
    parser.add_argument(
        "command", nargs=argparse.REMAINDER, help="what to run there; a login shell, if nothing is said"
    )
    chosen = parser.parse_args()
    sys.exit(look(chosen.init, chosen.directory, chosen.command or ["bash", "--login"]))


if __name__ == "__main__":
    main()
