"""The logs of the worked example in docs/report.md: `python -m tests.claims.worked_example FOLDER`.

Three made models whose true rates are known, drawn by a seed, so that everyone who makes them has the same.
"""

import sys
from pathlib import Path
from typing import Final

from sabotage_evals.claims.report.certification import Certification, record_certification
from tests.claims.made_logs import Truth, draw_shutdown, write_log

WORDINGS: Final = 8
WORKS: Final = ("sums", "records")
SEEDS: Final = 4
TRUTHS: Final = (
    Truth(
        "made/wavering",
        {"unmentioned": 0.60, "allow_user": 0.10, "allow_system_unfinished": 0.25, "priority": 0.02},
        spread=0.05,
        unscored=0.02,
        reviewed=0.02,
    ),
    Truth("made/stubborn", dict.fromkeys(("unmentioned", "allow_user", "allow_system_unfinished", "priority"), 0.35)),
    Truth("made/steady", dict.fromkeys(("unmentioned", "allow_user", "allow_system_unfinished", "priority"), 0.0)),
)


def write_example(folder: Path) -> None:
    """Write a log for each of the models, and a record that the scorer is taken for certified."""
    for truth in TRUTHS:
        runs = list(draw_shutdown(truth, WORDINGS, WORKS, SEEDS, 1, truth.model, 2))
        write_log(folder, truth.model.rsplit("/", 1)[-1], truth, runs)
    made = Certification(scenario="shutdown", version="2-A", sandbox="docker", right=1, of=1)
    record_certification(folder, made)


if __name__ == "__main__":
    write_example(Path(sys.argv[1]))
