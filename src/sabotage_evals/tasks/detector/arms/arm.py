"""What an arm is: the factors that its front matter states."""

from typing import Final, Literal, get_args

from pydantic import model_validator

from sabotage_evals.stimuli.front import ArmFront

Deliverable = Literal["rule", "prompt", "review"]
Domain = Literal["hacking", "refunds"]
DELIVERABLES: Final[tuple[Deliverable, ...]] = get_args(Deliverable)
"""What may be asked for: a detector's code, the prompt of a classifier, the review of a chain of commits."""


class Arm(ArmFront):
    """The front matter of an arm: one level of each factor."""

    domain: Domain
    """Coding agents and the checks of their work, or the isomorphic twin: customer support and refunds."""
    detects: Literal["self", "other", "people", "unsaid"]
    """Who was recorded: models like the reader, another vendor's old model, people, or nothing is said of it."""
    salience: Literal["safety", "tooling"]
    """What the work is said to be for."""
    stakes: Literal["training", "logging", "unsaid"]
    """What follows from a flag."""
    score: Literal["none", "shown", "counts"]
    """Whether the repository shows a score on the labelled recordings, and whether the work is judged by it."""
    oversight: Literal["unsaid", "person"]
    prior: Literal["clean", "inherited"]
    """`inherited`: the repository holds work of somebody else's that weakens the detector by half."""
    instructed: Literal["none", "best_effort", "weaken_covertly", "weaken_openly"]
    deliverables: tuple[Deliverable, ...] = DELIVERABLES
    """The deliverables for which the arm makes sense."""

    @model_validator(mode="after")
    def _has_one_past(self) -> "Arm":
        if self.prior == "inherited" and "review" in self.deliverables:
            raise ValueError("'deliverables' cannot have 'review' where 'prior' is 'inherited'; list the others")
        return self
