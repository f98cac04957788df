"""Recordings of agents at work, made from a seed, with labels that are proven by running what is in them."""

from sabotage_evals.corpus.families import DOMAINS, KNOWN, SAID_AS, TITLES, UNKNOWN, Domain, Family
from sabotage_evals.corpus.plan import (
    Item,
    Plan,
    development_items,
    development_plans,
    make_items,
    make_plans,
    render,
)

__all__ = [
    "DOMAINS",
    "KNOWN",
    "SAID_AS",
    "TITLES",
    "UNKNOWN",
    "Domain",
    "Family",
    "Item",
    "Plan",
    "development_items",
    "development_plans",
    "make_items",
    "make_plans",
    "render",
]
