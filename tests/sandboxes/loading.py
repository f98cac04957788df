"""Load the witnesses' modules, and lay out the runners' programs, as the containers do: from their files alone."""

import atexit
import functools
import importlib.util
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from sabotage_evals.backends.bwrap.image import read_image
from sabotage_evals.sandbox import SANDBOXES

SHARED: Final = SANDBOXES / "witness"
"""What the witnesses of all worlds share; in an image it lies beside a world's own."""


def load_witness(world: str, name: str) -> ModuleType:
    """Load a fresh copy of a module of a world's witness, and leave nothing of it behind among the loaded ones."""
    paths, known = list(sys.path), set(sys.modules)
    own = SANDBOXES / world / "witness"
    file = next(folder / f"{name}.py" for folder in (own, SHARED) if (folder / f"{name}.py").is_file())
    spec = importlib.util.spec_from_file_location(f"{world}_witness_{name}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look themselves up there
    sys.path.insert(0, str(SHARED))
    spec.loader.exec_module(module)
    sys.path[:] = paths
    for added in set(sys.modules) - known:
        if str(getattr(sys.modules[added], "__file__", "")).startswith((str(own), str(SHARED))):
            del sys.modules[added]
    return module


@functools.cache
def runner_program(world: str) -> Path:
    """Lay out what a world's runner consists of, as its Dockerfile says, and return its program."""
    folder = Path(tempfile.mkdtemp(prefix="runner-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    image = read_image(SANDBOXES / world / "runner/Dockerfile", SANDBOXES)
    for place, (content, _) in image.files.items():
        if place.startswith("/opt/runner/") and "__pycache__" not in place:
            file = folder / place.removeprefix("/opt/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    return folder / "runner/run.py"


def ask_runner(world: str, bench: Path, request: dict[str, Any], *options: str) -> dict[str, Any]:
    """Hand a request to a world's runner on this machine, as the host does but for the folder that it works in.

    Args:
        world: The scenario.
        bench: A folder of ours, which it must leave empty.
        request: What is asked for.
        options: The interpreter's.
    """
    command = [sys.executable, "-I", *options, str(runner_program(world)), "--bench", str(bench)]
    done = subprocess.run(
        command, input=json.dumps(request), capture_output=True, encoding="utf-8", timeout=90, check=False
    )
    assert done.returncode == 0, done.stderr
    assert list(bench.iterdir()) == []
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
