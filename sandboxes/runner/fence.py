"""Bound what a process may use, and take calls from it, before code that somebody else wrote runs in it."""

import ctypes
import platform
import resource
import struct
from collections.abc import Iterable
from typing import Final, NamedTuple

ARCHITECTURES: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""The kernel's names for the architectures whose calls are known here."""
CALLS: Final = {
    "clone": (56, 220),
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "kill": (62, 129),
    "ptrace": (101, 117),
    "rt_sigqueueinfo": (129, 138),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "rt_tgsigqueueinfo": (297, 240),
    "prlimit64": (302, 261),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "execveat": (322, 281),
    "pidfd_send_signal": (424, 424),
    "clone3": (435, 435),
}
"""Calls that start a process, signal one, bound one or reach into one, by their numbers on each architecture."""
NO_ONES: Final = frozenset({
    "ptrace",
    "rt_sigqueueinfo",
    "rt_tgsigqueueinfo",
    "process_vm_readv",
    "process_vm_writev",
    "pidfd_send_signal",
})
"""Those that not even a program needs which starts others of its own."""
MOST: Final = 2**31 - 1
MEMORY: Final = 320 * 2**20
OPEN_FILES: Final = 64


class Only(NamedTuple):
    """A call that is let through where its first argument, a process's number, lies between two bounds."""

    call: str
    least: int
    most: int = MOST


def close_in(seconds: int) -> bool:
    """Leave a process what it needs to answer questions: no file that it could write, and no other process.

    The process that runs us has the same user; what runs here could kill it, and what broke would look like ours.

    Args:
        seconds: What it may have on a processor.

    Returns:
        Whether the kernel took the calls of the list away; the bounds hold in any case.
    """
    bound({
        resource.RLIMIT_AS: MEMORY,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CORE: 0,
    })
    return _filter(CALLS)


def bound(limits: dict[int, int]) -> None:
    """Set limits, none above what this process has already."""
    for what, most in limits.items():
        ceiling = resource.getrlimit(what)[1]
        value = most if ceiling == resource.RLIM_INFINITY else min(most, ceiling)
        resource.setrlimit(what, (value, value))


def refuse_reaching_out(keeper: int) -> bool:
    """Leave to a program what it needs for processes of its own, and nothing that reaches up to the one that keeps it.

    Args:
        keeper: The number of the process that runs us: whatever is to be spared is as old as it, and has no number
            above its own.

    Returns:
        Whether the kernel does so.
    """
    own = [Only(call, keeper + 1) for call in ("kill", "tkill", "tgkill")]
    return _filter(NO_ONES, [*own, Only("prlimit64", 0, 0)])


def _filter(refused: Iterable[str], bounded: Iterable[Only] = ()) -> bool:
    """Install a filter (seccomp): a program of the kernel's small packet language, which loads and compares."""
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        return False
    column = list(ARCHITECTURES).index(machine)
    load, equal, above, at_least, give = 0x20, 0x15, 0x25, 0x35, 0x06
    refuse, allow = 0x00050000 | 1, 0x7FFF0000  # refused is "operation not permitted"
    call_at, architecture_at, argument_at = 0, 4, 16
    program = [
        (load, 0, 0, architecture_at),
        (equal, 1, 0, ARCHITECTURES[machine]),
        (give, 0, 0, refuse),
        (load, 0, 0, call_at),
        (at_least, 0, 1, 0x40000000),  # the same calls under the numbers of the x32 interface
        (give, 0, 0, refuse),
    ]
    for call in refused:
        if (number := CALLS[call][column]) is not None:
            program += [(equal, 0, 1, number), (give, 0, 0, refuse)]
    for only in bounded:
        if (number := CALLS[only.call][column]) is None:
            continue
        program += [
            (equal, 0, 5, number),
            (load, 0, 0, argument_at),
            (at_least, 0, 2, only.least),
            (above, 1, 0, only.most),  # a negative number is a group of processes, or all
            (give, 0, 0, allow),
            (give, 0, 0, refuse),
        ]
    program.append((give, 0, 0, allow))
    code = b"".join(struct.pack("HBBI", *line) for line in program)
    lines = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HP", len(program), ctypes.addressof(lines))
    kernel = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, filter_calls = 38, 22
    if kernel.prctl(no_new_privileges, 1, 0, 0, 0) != 0:
        return False
    return bool(kernel.prctl(filter_calls, 2, ctypes.create_string_buffer(header, len(header)), 0, 0) == 0)
