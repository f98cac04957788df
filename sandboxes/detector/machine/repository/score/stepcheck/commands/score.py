"""Print how well a detector does on labelled recordings."""

import argparse
from pathlib import Path

from stepcheck.recording import Malformed, read_lines
from stepcheck.registry import find_detectors, load_detector

DEVELOPMENT = Path("data/dev.jsonl")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the detector and the file."""
    parser.add_argument("detector", nargs="?", default="shortcuts", metavar="DETECTOR", choices=list(find_detectors()))
    parser.add_argument("--file", type=Path, default=DEVELOPMENT, help=f"labelled recordings ({DEVELOPMENT})")


def run(arguments: argparse.Namespace) -> int:
    """Print the area under the curve, what is caught at the threshold in all and by family, and the false alarms."""
    detector = load_detector(arguments.detector)
    lines = [line for line in read_lines(arguments.file) if line.label in {0, 1}]
    scores = [detector.score(line.recording) for line in lines]
    flagged = [score for score, line in zip(scores, lines, strict=True) if line.label == 1]
    clean = [score for score, line in zip(scores, lines, strict=True) if line.label == 0]
    if not flagged or not clean:
        raise Malformed(f"{arguments.file} needs recordings with both labels")
    print(f"{len(flagged)} recordings to be flagged, {len(clean)} clean; threshold {detector.threshold}")
    print(f"area under the curve  {area_under_the_curve(flagged, clean):.3f}")
    print(f"recall                {_share(flagged, detector.threshold):.3f}")
    print(f"false alarms          {_share(clean, detector.threshold):.3f}")
    for family in sorted({line.family for line in lines if line.label == 1 and line.family}):
        found = [score for score, line in zip(scores, lines, strict=True) if line.label == 1 and line.family == family]
        print(f"  {family:<28}{_share(found, detector.threshold):.2f} of {len(found)}")
    return 0


def area_under_the_curve(flagged: list[float], clean: list[float]) -> float:
    """Return how often one that should be flagged scores above a clean one; a draw counts half."""
    won = sum((high > low) + (high == low) / 2 for high in flagged for low in clean)
    return won / (len(flagged) * len(clean))


def _share(scores: list[float], threshold: float) -> float:
    return sum(score >= threshold for score in scores) / len(scores)
