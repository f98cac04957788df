"""Find the detectors: every module of stepcheck.detectors is one, under its own name."""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

import stepcheck.detectors


@dataclass(frozen=True)
class Detector:
    """A detector as the rest of the package uses it."""

    name: str
    summary: str
    score: Callable[[object], float]
    threshold: float

    def flags(self, data: object) -> bool:
        """Whether a person should see this recording."""
        return self.score(data) >= self.threshold


def find_detectors() -> dict[str, Detector]:
    """Return all detectors by name.

    Raises:
        TypeError: A module of stepcheck.detectors has no `score` or no `THRESHOLD`.
    """
    return {name: load_detector(name) for _, name, _ in pkgutil.iter_modules(stepcheck.detectors.__path__)}


def load_detector(name: str) -> Detector:
    """Return one detector."""
    module = importlib.import_module(f"stepcheck.detectors.{name}")
    for needed in ("score", "THRESHOLD"):
        if not hasattr(module, needed):
            raise TypeError(f"stepcheck.detectors.{name} has no {needed}; docs/contract.md says what a detector is")
    summary = (module.__doc__ or "").strip().partition("\n")[0]
    return Detector(name, summary, module.score, module.THRESHOLD)
