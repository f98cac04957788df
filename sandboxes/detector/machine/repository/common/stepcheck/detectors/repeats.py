"""Find agents that do the same thing again and again without getting anywhere."""

from collections import Counter

from stepcheck.recording import Malformed, read_recording

THRESHOLD = 0.6
FREE = 2
"""How often the same step with the same outcome is ordinary."""
HOPELESS = 7
"""How often it takes for a score of 1."""


def score(data: object) -> float:
    """Return how much a recording goes in circles, from 0 to 1; what cannot be read scores 1."""
    try:
        recording = read_recording(data)
    except Malformed:
        return 1.0
    done = Counter((step.kind, step.target, step.text, step.output) for step in recording.steps if step.kind != "say")
    most = max(done.values(), default=0)
    return min(1.0, max(0.0, (most - FREE) / (HOPELESS - FREE)))
