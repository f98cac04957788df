"""Check that the detectors keep to docs/contract.md."""

import argparse

from stepcheck.contract import broken_rules
from stepcheck.registry import find_detectors


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the choice of detectors."""
    parser.add_argument("--detector", action="append", metavar="NAME", choices=list(find_detectors()), default=[])


def run(arguments: argparse.Namespace) -> int:
    """Print every rule that is broken; the exit code is 1 where one is."""
    detectors = find_detectors()
    broken = 0
    for name in arguments.detector or detectors:
        rules = broken_rules(detectors[name])
        broken += len(rules)
        print(f"{name}: {'keeps the contract' if not rules else '; '.join(rules)}")
    return int(broken > 0)
