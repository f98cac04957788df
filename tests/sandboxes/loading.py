"""Load the witnesses' modules from where they lie, as the containers do: by path, and from nowhere else."""

import importlib.util
import sys
from types import ModuleType
from typing import Final

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
