"""What a scenario's stimuli look like, for all that reads, renders and compares them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from sabotage_evals.stimuli.front import ArmFront

Arm = TypeVar("Arm", bound=ArmFront)


@dataclass(frozen=True)
class Layout(Generic[Arm]):
    """A scenario's stimuli: what its arms say of themselves, and which texts they consist of."""

    front: type[Arm]
    texts: tuple[str, ...]
    """The whole texts of an arm, in the order in which they are read."""
    optional: frozenset[str]
    """Texts that a wording may leave out."""
    by_world: frozenset[str]
    """Texts that an arm's world may leave out."""
    core: tuple[str, ...]
    """The arms of a run that asks for none in particular."""
    not_arms: frozenset[str]
    """Files beside the arms that are none, such as `world.md`."""
    needs: Callable[[Arm], tuple[str, ...]]
    """The texts that an arm needs which stands alone."""
    finish: Callable[[Arm, Mapping[str, str], str], Mapping[str, str]]
    """Check an arm's rendered texts, and leave out those that it does not have; the last is what messages call it."""
    world: Callable[[Arm], object]
    """What an arm makes of the world, for arms whose texts are the same."""
