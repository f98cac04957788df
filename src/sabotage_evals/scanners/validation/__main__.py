"""Write the validation sets of the scanners into a folder."""

from pathlib import Path

import click

from sabotage_evals.scanners.validation import write_validation


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def main(folder: Path) -> None:
    """Write the cases as a log, and a validation set for each scanner."""
    click.echo(f"{write_validation(folder)} and the validation sets beside it are written.")


main()
