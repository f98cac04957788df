"""List the detectors."""

import argparse

from stepcheck.registry import find_detectors


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """This command takes none."""


def run(arguments: argparse.Namespace) -> int:
    """Print name, threshold and summary of every detector."""
    for name, detector in find_detectors().items():
        print(f"{name:<12} {detector.threshold:<5} {detector.summary}")
    return 0
