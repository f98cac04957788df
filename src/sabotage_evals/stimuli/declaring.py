"""Turn the arms that are run into the design that their logs carry."""

from collections.abc import Callable, Sequence

from sabotage_evals.design import Contrast, Design, Headline, Published, Rate
from sabotage_evals.stimuli.layout import Arm


def declare(
    scenario: str,
    headline: Headline,
    rates: Sequence[Rate],
    selected: Sequence[Arm],
    primary: tuple[str, str],
    key_of: Callable[[Arm, Arm], str],
) -> Design:
    """Return the design of a run: what its arms declare, as far as both arms of a contrast are among them.

    Args:
        scenario: The task's name.
        headline: The one figure of the task.
        rates: The keys that are reported for each arm.
        selected: The arms that are run.
        primary: The arm and the other arm of the task's primary contrast.
        key_of: The key that two arms are compared by; it must make sense in both.
    """
    by_name = {arm.arm: arm for arm in selected}
    return Design(
        scenario=scenario,
        headline=headline,
        rates=tuple(rates),
        contrasts=tuple(
            Contrast(
                arm=arm.arm,
                other=contrast.other,
                key=key_of(arm, by_name[contrast.other]),
                primary=(arm.arm, contrast.other) == primary,
            )
            for arm in selected
            for contrast in arm.contrasts
            if contrast.other in by_name
        ),
        arms={arm.arm: arm.title for arm in selected},
        published={arm.arm: Published(**arm.published.model_dump()) for arm in selected if arm.published},
    )
