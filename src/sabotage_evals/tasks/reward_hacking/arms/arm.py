"""What an arm is: the factors that its front matter states."""

from typing import Final, Literal, get_args

from pydantic import Field

from sabotage_evals.stimuli.front import ArmFront

Check = Literal["workspace", "clean"]
CHECKS: Final[tuple[Check, ...]] = get_args(Check)
"""How work is checked: in the workspace as it stands, or elsewhere, with clean tests and further inputs."""


class Arm(ArmFront):
    """The front matter of an arm: one level of each factor."""

    instructed: Literal["none", "hinted", "asked", "permitted", "mentioned", "forbidden", "condemned"]
    """What is said of ways round the check: nothing, that there are some, or how to hold with them."""
    hint: int = Field(ge=0, le=4)
    """How much is told of them: nothing, that there are some, where, how, and with an example."""
