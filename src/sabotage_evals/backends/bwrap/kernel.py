"""The few calls of the Linux kernel that Python 3.11 has no name for: namespaces, mounts, capabilities, `prctl`."""

import ctypes
import fcntl
import os
import platform
import signal
import struct
from typing import Final

CLONE_NEWNS: Final = 0x00020000
CLONE_NEWUTS: Final = 0x04000000
CLONE_NEWIPC: Final = 0x08000000
CLONE_NEWUSER: Final = 0x10000000
CLONE_NEWPID: Final = 0x20000000
CLONE_NEWNET: Final = 0x40000000
CLONE_PARENT: Final = 0x00008000

MS_NOSUID: Final = 2
MS_NODEV: Final = 4
MS_REC: Final = 0x4000
MS_PRIVATE: Final = 1 << 18

CAP_DAC_OVERRIDE: Final = 1
CAPABILITIES: Final = {"CHOWN": 0, "DAC_OVERRIDE": CAP_DAC_OVERRIDE, "FOWNER": 3, "KILL": 5, "SETGID": 6, "SETUID": 7}
"""Capabilities that a world's compose file may add, with their numbers."""

_NS_GET_USERNS: Final = 0xB701
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_SECCOMP: Final = 22
_PR_CAPBSET_DROP: Final = 24
_PR_SET_CHILD_SUBREAPER: Final = 36
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_CAP_AMBIENT: Final = 47
_PR_CAP_AMBIENT_CLEAR_ALL: Final = 4
_SECCOMP_MODE_FILTER: Final = 2
_CAPABILITY_VERSION_3: Final = 0x20080522
_CLOSE_RANGE_CLOEXEC: Final = 4
_CLONE: Final = {"x86_64": 56, "aarch64": 220}
PROCESSORS: Final = tuple(_CLONE)
"""Processors whose numbers of system calls are known here."""

with open("/proc/sys/kernel/cap_last_cap", encoding="ascii") as _file:
    _LAST_CAPABILITY: Final = int(_file.read())  # read now: a namespace that is entered later may not show it

_libc: Final = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def unshare(flags: int) -> None:
    """Leave the namespaces of these kinds for new ones."""
    _checked(_libc.unshare(flags), "unshare")


def enter_namespace(descriptor: int, kind: int) -> None:
    """Enter the namespace behind a descriptor; a PID namespace is entered by children only."""
    _checked(_libc.setns(descriptor, kind), "setns")


def owner_of(namespace: int) -> int:
    """Return a descriptor of the user namespace that owns a namespace."""
    return fcntl.ioctl(namespace, _NS_GET_USERNS)


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    """Mount a file system."""
    _checked(_libc.mount(source.encode(), target.encode(), kind.encode(), flags, options.encode()), f"mount {target}")


def fork_sibling() -> int:
    """Fork a child of this process's own parent; 0 in the child, its number as this process sees it in the caller."""
    number = _CLONE[platform.machine()]
    return _checked(_libc.syscall(number, CLONE_PARENT | signal.SIGCHLD, 0, 0, 0, 0), "clone")


def die_with_parent() -> None:
    """Be killed when the process dies that is this one's parent; call it last, a change of user undoes it."""
    _checked(_libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")


def set_dumpable(dumpable: bool) -> None:
    """Say whether processes of the same user may trace this one and look into it."""
    _checked(_libc.prctl(_PR_SET_DUMPABLE, int(dumpable), 0, 0, 0), "prctl")


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent dies, so that none of them can leave the tree."""
    _checked(_libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl")


def keep_descriptors_from_programs() -> None:
    """Let no descriptor but the first three pass to a program that is executed, whoever opened it and how."""
    if _libc.close_range(3, ctypes.c_uint(0xFFFFFFFF), _CLOSE_RANGE_CLOEXEC) < 0:  # a kernel before 5.11
        for entry in os.listdir("/proc/self/fd"):
            if int(entry) > 2:
                try:
                    os.set_inheritable(int(entry), False)
                except OSError:  # the folder's own
                    continue


def forbid_new_privileges() -> None:
    """Gain nothing by executing set-user-ID files, from here on."""
    _checked(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")


def drop_capabilities(kept: tuple[int, ...] = ()) -> None:
    """Give up every capability but these, for good: from the bounding, ambient and inheritable sets too."""
    for capability in range(_LAST_CAPABILITY + 1):
        if capability not in kept:
            _checked(_libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0), "prctl")
    _checked(_libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "prctl")
    mask = sum(1 << capability for capability in kept)
    low, high = mask & 0xFFFFFFFF, mask >> 32
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    data = struct.pack("=6I", low, low, 0, high, high, 0)
    _checked(_libc.capset(header, data), "capset")


def install_filter(program: bytes) -> None:
    """Put a seccomp filter on this process and all that come from it.

    Args:
        program: The filter's instructions, eight bytes each.
    """
    buffer = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("@HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    _checked(_libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, described, 0, 0), "seccomp")
