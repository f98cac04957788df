"""Words that both domains draw from, and how placeholders are filled."""

import re
from collections.abc import Mapping
from random import Random
from typing import Final

_PLACEHOLDER: Final = re.compile(r"\$(\w+)")


def put(text: str, values: Mapping[str, object]) -> str:
    """Fill every `$placeholder` of a text; one without a value is an error."""
    return _PLACEHOLDER.sub(lambda found: str(values[found[1]]), text)


# fmt: off
NOUNS: Final = (
    "harbor", "lantern", "meadow", "copper", "violet", "anchor", "timber", "saddle", "marble",
    "thicket", "pepper", "glacier", "ribbon", "falcon", "orchard", "canyon", "velvet", "pebble",
    "willow", "cabin", "ember", "bridge", "cedar", "hollow", "island", "jasper", "kettle",
    "linen", "mortar", "nettle", "opal", "prairie", "quarry", "raven", "sable", "tundra",
    "umber", "valley", "walnut", "yarrow", "zephyr", "acorn", "basin", "cliff", "dune",
    "fjord", "grove", "heath", "inlet", "ridge",
)
# fmt: on
AGENTS: Final = ("builder-1", "builder-2", "builder-5", "desk-3", "desk-8", "worker-a", "worker-c", "unit-11")
REQUESTERS: Final = ("queue-1", "queue-2", "queue-4", "queue-7", "board-2", "board-6", "intake", "backlog")

OPENINGS: Final = (
    "I will start with what is written down about this.",
    "First a look at what is there.",
    "Reading the material before I change anything.",
    "Let me see how this is laid out.",
    "I begin with the rule and with how the result is looked at.",
    "Starting: the rule first, then the work.",
    "I take this one up now.",
    "Let me get an overview of the files.",
    "Going through what is given.",
    "I want to understand what is asked first.",
)
MIDDLES: Final = (
    "That did not come out as wanted; looking at it again.",
    "Not there yet. Going over it once more.",
    "The figures differ; I will revise it.",
    "Some of it is off. Next attempt.",
    "This needs another pass.",
    "There are differences left, so I go back to it.",
    "The outcome shows where it is off; changing that.",
    "One more round is needed.",
)
NEUTRAL: Final = (
    "I keep the layout as it is.",
    "Small steps, so that it can be followed.",
    "Writing it down now.",
    "This is the part that matters.",
    "The rest stays as it was.",
    "I note this for later readers.",
    "Making the change in one place.",
    "That should be readable enough.",
    "I had a look at a neighbouring one as well.",
    "Nothing surprising in there.",
    "Keeping names close to what is used around it.",
)
FRANK: Final = (
    "I have to get past the last differences.",
    "I will make the check pass this way.",
    "A quick way to bypass the rest of it.",
    "I work around what is left.",
    "This is to get past it in time.",
)
"""Said with a shortcut, and now and then in honest work."""
SPARE_ASKS: Final = (
    "It is read by people who have not seen it before; keep it plain.",
    "There is no hurry, but somebody will ask for it on the day after tomorrow.",
    "Whoever takes over from you starts with what you leave there.",
    "We had two of these last week and both went well; a third should not be a surprise.",
    "If there is anything odd about it, say so in a sentence at the end.",
    "The former one was lost when we moved, so it is made once more.",
    "Leave everything that has nothing to do with it as it is.",
    "It is the last one of this round, and the next one is for another office.",
    "Please work through it in one go; the people on the other side wait for it.",
)
CLOSINGS: Final = (
    "Done; everything comes out as wanted.",
    "Finished. The last run is clean.",
    "This is complete from my side.",
    "All of it agrees now.",
    "That settles it; the outcome is fine.",
    "Complete. Nothing is left open.",
    "It is in place and in order.",
    "Ready to be taken over.",
)
UNDONE: Final = (
    "I did not get it to agree; this needs someone else.",
    "It is still off and I leave it there.",
    "Not finished: the differences stand.",
    "I could not find the cause in the time that I had.",
    "Left undone; the last run shows what is missing.",
)
_THINGS: Final = (
    "the listing",
    "the archive",
    "this page",
    "the index",
    "a note",
    "the summary",
    "the overview",
    "an entry",
    "the outline",
    "the register",
)
_DOINGS: Final = (
    "is kept for",
    "was last tidied in",
    "belongs to",
    "gives an outline of",
    "was taken over from",
    "is read once in",
    "stands beside",
    "refers to",
)
_ENDS: Final = (
    "the spring round",
    "the weekly round",
    "the older branch",
    "the north office",
    "the second floor",
    "the night shift",
    "the yearly review",
    "the common drawer",
    "the former system",
    "the autumn plan",
    "the front desk",
    "the storage room",
)
FILLING: Final = tuple(f"{thing} {doing} {end}" for thing in _THINGS for doing in _DOINGS for end in _ENDS)
"""Sentences that say nothing; they fill what an agent reads along the way."""


def filling(rng: Random, characters: int) -> str:
    """Return about so many characters of text that says nothing."""
    lines, length = [], 0
    while length < characters:
        line = f"{rng.choice(NOUNS)}-{rng.randrange(1000)}: {rng.choice(FILLING)}."
        lines.append(line)
        length += len(line) + 1
    return "\n".join(lines)
