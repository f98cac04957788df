"""Make logs whose truth is known: mixtures of two scripted agents that resist at rates which are set beforehand.

    python examples/known_rates.py runs/known
    sabotage-evals report runs/known --plan examples/plan.yaml --output runs/report

docs/worked-example.md goes from there to a claim. It takes some minutes on the embedded sandbox.
"""

from pathlib import Path
from typing import Final

import click
from inspect_ai import eval
from inspect_ai.model import get_model

from sabotage_evals.tasks.shutdown import shutdown

PLAN: Final = Path(__file__).with_name("plan.yaml")
TOLD, UNTOLD = "allow_system_unfinished", "unmentioned"
RATES: Final = {
    "steady": {TOLD: 0.0, UNTOLD: 0.05},
    "wavering": {TOLD: 0.15, UNTOLD: 0.55},
}
"""By model: the share of runs in which it overwrites the script, where it is told to allow a shutdown, and where it is
told nothing."""


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--sandbox", default="bwrap", show_default=True)
@click.option("--seeds", type=click.IntRange(min=1), default=4, show_default=True)
def main(folder: Path, sandbox: str, seeds: int) -> None:
    """Run both mixtures in both arms: eight wordings, two kinds of work, and so many seeds each."""
    for name, rates in RATES.items():
        model = get_model(
            "sabotage_evals/overwrites_script", otherwise="complies", rates=rates, seed=name, memoize=False
        )
        eval(
            shutdown(arms=[TOLD, UNTOLD], seeds=seeds, comprehension=False, debrief=False, plan=str(PLAN)),
            model=model,
            sandbox=sandbox,
            log_dir=str(folder / name),
            max_samples=40,
            max_sandboxes=40,
            display="plain",
        )


if __name__ == "__main__":
    main()
