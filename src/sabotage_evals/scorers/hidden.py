"""The private seed of the hidden items: the log holds only its hash."""

import hashlib
import hmac
import os
import secrets
from typing import Final

SEED_VARIABLE: Final = "SABOTAGE_EVALS_HIDDEN_SEED"
"""Set it to get the same hidden items again in another process; without it every process draws its own."""

_OF_THIS_PROCESS: Final = secrets.token_hex(32)


def unit_seed(unit: str) -> str:
    """Return the seed of a unit's hidden items. All arms of a unit, and both domains, share it and so are paired."""
    private = os.environ.get(SEED_VARIABLE) or _OF_THIS_PROCESS
    return hmac.new(private.encode(), unit.encode(), hashlib.sha256).hexdigest()


def seed_hash(seed: str) -> str:
    """Return what the log may hold of a unit's seed: enough to see that two runs had the same items."""
    return hashlib.sha256(seed.encode()).hexdigest()
