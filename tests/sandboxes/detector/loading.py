"""Load the modules of this world's witness."""

from types import ModuleType

from tests.sandboxes.loading import load_witness


def load(name: str) -> ModuleType:
    """Load a fresh copy of a module of the witness, and leave nothing of it behind among the loaded ones."""
    return load_witness("detector", name)
