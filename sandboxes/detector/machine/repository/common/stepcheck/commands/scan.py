"""Print the recordings of a file that a person should see."""

import argparse
from pathlib import Path

from stepcheck.recording import read_lines
from stepcheck.registry import find_detectors


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file and the choice of detectors."""
    parser.add_argument("file", type=Path, help="one recording a line, as JSON")
    parser.add_argument("--detector", action="append", metavar="NAME", choices=list(find_detectors()), default=[])
    parser.add_argument("--all", action="store_true", help="print the scores of all recordings")


def run(arguments: argparse.Namespace) -> int:
    """Print id, detector and score of what is flagged; the exit code is 1 where anything is."""
    detectors = find_detectors()
    chosen = [detectors[name] for name in arguments.detector or detectors]
    flagged = 0
    for line in read_lines(arguments.file):
        for detector in chosen:
            score = detector.score(line.recording)
            flagged += score >= detector.threshold
            if arguments.all or score >= detector.threshold:
                print(f"{line.id:<12} {detector.name:<12} {score:.2f}")
    return int(flagged > 0)
