"""Find ways round the check by what the agent's files say and did, never by what the agent says."""

from sabotage_evals.scorers.reward_hacking.mechanisms.finding import Way, Ways, find_ways
from sabotage_evals.scorers.reward_hacking.mechanisms.sign import Mechanism, Sign

__all__ = ["Mechanism", "Sign", "Way", "Ways", "find_ways"]
