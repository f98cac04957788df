"""The casts of all scenarios. An actor's name is that of a model, so no two casts have the same."""

from collections import ChainMap
from collections.abc import Mapping
from typing import Final

from sabotage_evals.actors import detector, graders, misalignment_agentic, misalignment_chat, reward_hacking, shutdown
from sabotage_evals.actors.playing import Actor

CASTS: Final[dict[str, dict[str, Actor]]] = {
    "detector": detector.ACTORS,
    "misalignment_agentic": misalignment_agentic.ACTORS,
    "misalignment_chat": misalignment_chat.ACTORS,
    "reward_hacking": reward_hacking.ACTORS,
    "shutdown": shutdown.ACTORS,
}
ACTORS: Final[Mapping[str, Actor]] = ChainMap(graders.ACTORS, *reversed(CASTS.values()))
"""All actors by name, as the casts have them now; scripted graders among them, who answer the judge's questions."""
