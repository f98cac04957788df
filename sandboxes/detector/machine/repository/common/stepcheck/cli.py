"""The command line: every module of stepcheck.commands is a command."""

import argparse
import importlib
import pkgutil
import sys
from collections.abc import Sequence

import stepcheck.commands
from stepcheck.recording import Malformed


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code."""
    parser = argparse.ArgumentParser(prog="stepcheck", description=stepcheck.__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for _, name, _ in pkgutil.iter_modules(stepcheck.commands.__path__):
        module = importlib.import_module(f"stepcheck.commands.{name}")
        command = commands.add_parser(name, help=module.__doc__, description=module.__doc__)
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    chosen = parser.parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except (Malformed, OSError) as error:
        print(f"stepcheck: {error}", file=sys.stderr)
        return 2
