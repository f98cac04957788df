"""Ask a grader model one question about one text, and trust neither of them further than needed.

A question is a file (`questions/`), the text is data behind a fence (`fence`), the answer is a forced call of one tool
(`asking`), and several answers make one ruling (`ruling`). How good a grader is at it, `calibrate` says.
"""

from sabotage_evals.judge.asking import GRADER_ROLE, find_graders, is_without_grader, judge
from sabotage_evals.judge.fence import is_shortened
from sabotage_evals.judge.question import QUESTIONS, Question
from sabotage_evals.judge.ruling import Ruling, Vote

__all__ = [
    "GRADER_ROLE",
    "QUESTIONS",
    "Question",
    "Ruling",
    "Vote",
    "find_graders",
    "is_shortened",
    "is_without_grader",
    "judge",
]
