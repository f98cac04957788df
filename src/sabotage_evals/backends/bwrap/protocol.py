"""What eval and keeper say to each other: a request is a memory file of JSON, a line for the answer, and descriptors.

The answer's line is also the request's life: whoever hangs up takes the command back, and all that came from it.
"""

import array
import json
import os
import socket
from typing import Any, Final

GROUND: Final = "/tmp"
"""Where a world's own file system lies in its mount namespace; the host's folder of this name is not seen there."""
VOLUMES: Final = f"{GROUND}/volumes"
IMAGE: Final = f"{GROUND}/image"
TOOLS: Final = f"{GROUND}/tools"
WORLD_UID: Final = 1_879_000_000
"""First of the user numbers under which root runs worlds: nobody's, so that no file on the host is theirs."""
KEEPERS: Final = 50_000
WORLDS: Final = 5_000
"""How many keepers and worlds of each have numbers of their own, so that two evals of root seldom share one."""
_MOST_DESCRIPTORS: Final = 8


def address_of(keeper: int) -> str:
    """Return the abstract address at which the keeper of this process number can be asked."""
    return f"\0sabotage-evals/bwrap/{keeper}"


def send_request(line: socket.socket, request: dict[str, Any], descriptors: list[int]) -> socket.socket:
    """Send a request and return the line on which the answer comes.

    Args:
        line: The line to the keeper.
        request: What is asked; must be JSON.
        descriptors: Copies of these go with it.

    Raises:
        BlockingIOError: The line is full for the moment.
    """
    ours, theirs = socket.socketpair()
    document = os.memfd_create("request")
    try:
        with os.fdopen(os.dup(document), "wb") as file:
            file.write(json.dumps(request).encode())
        sent = array.array("i", [document, theirs.fileno(), *descriptors])
        line.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, sent)])
    except BaseException:
        ours.close()
        raise
    finally:
        os.close(document)
        theirs.close()
    return ours


def receive_request(line: socket.socket) -> tuple[dict[str, Any], socket.socket, list[int]] | None:
    """Receive a request, with the line for its answer and its descriptors; None where the eval is gone."""
    got = array.array("i")
    said, extra, _, _ = line.recvmsg(
        1,
        socket.CMSG_SPACE(_MOST_DESCRIPTORS * got.itemsize),
        socket.MSG_CMSG_CLOEXEC,  # else worlds would inherit them
    )
    if not said:
        return None
    for level, kind, data in extra:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            got.frombytes(data[: len(data) - len(data) % got.itemsize])
    document, reply, *descriptors = got
    with os.fdopen(document, "rb") as file:
        file.seek(0)
        request: dict[str, Any] = json.loads(file.read())
    return request, socket.socket(fileno=reply), descriptors
