"""The command line `sabotage-evals`. What a command does lives in the module of its name, loaded when it is called."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal, get_args

import click

SANDBOX_CHOICES: Final = ("docker", "bwrap")
"""What the worlds run on."""
Domain = Literal["hacking", "refunds"]
"""What the detector's recordings are about."""


def _scenario(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if value not in (known := _scenarios()):
        raise click.BadParameter(f"There is no scenario '{value}'. Choose from: {', '.join(known)}.", ctx, param)
    return value


def _names(ctx: click.Context, param: click.Parameter, value: str | None) -> list[str] | None:
    if value is None:
        return None
    names = [name.strip() for name in value.split(",")]
    if not all(names):
        message = f"'{value}' has an empty name in it. Write names with commas between them: a,b,c."
        raise click.BadParameter(message, ctx, param)
    return names


def _scenarios() -> list[str]:
    return sorted(about.parent.name for about in Path(__file__).parent.glob("tasks/*/eval.yaml"))


def _worlds() -> list[str]:
    from sabotage_evals.sandbox import SANDBOXES

    return sorted(world.parent.name for world in SANDBOXES.glob("*/compose.yaml"))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sabotage-evals", prog_name="sabotage-evals")
def main() -> None:
    """Measure whether agents resist shutdown or weaken their own detector, and check the instruments that say so.

    The measuring itself is Inspect's: inspect eval sabotage_evals/shutdown --model PROVIDER/MODEL
    """


@main.command()
@click.option("--fix", is_flag=True, help="Remove what killed runs left behind, and nothing else.")
def doctor(fix: bool) -> None:
    """Say what is there to run the suite with, and what to do about what is not."""
    from sabotage_evals.doctor import doctor as examine

    sys.exit(examine(fix))


@main.command()
def images() -> None:
    """Build the images of all worlds, once for all later runs."""
    from sabotage_evals.backends.engine import build_images
    from sabotage_evals.sandbox import compose_file

    for scenario in _worlds():
        _spoken(build_images, compose_file(scenario))
        click.echo(f"The images of {scenario} are built.")


@main.command()
@click.option(
    "--sandbox", type=click.Choice(SANDBOX_CHOICES), help="What the worlds run on; what is there, if not said."
)
def demo(sandbox: str | None) -> None:
    """Run a few scripted agents and show what each of them did, and was found to have done."""
    from sabotage_evals.demo import demo as show

    sys.exit(_spoken(show, sandbox))


@main.command()
@click.argument("scenario", callback=_scenario)
@click.option("--sandbox", type=click.Choice(SANDBOX_CHOICES), default="docker", show_default=True)
@click.option("--log-dir", type=click.Path(file_okay=False, path_type=Path), help="Keep the logs in this folder.")
@click.option("--actors", callback=_names, help="Only these scripted agents, with commas between them.")
def certify(scenario: str, sandbox: str, log_dir: Path | None, actors: list[str] | None) -> None:
    """Run every scripted agent on the real sandbox, and compare each verdict with the one that it must get.

    What detectors find is measured on fewer hidden recordings than the task's default of 100 a family: on 48, at which
    all that the cast does shows.
    """
    from sabotage_evals.certify import certify as check

    sys.exit(_spoken(check, scenario, sandbox, log_dir, actors))


class LikeATask(click.Command):
    """Takes `-T name=value` as `--name value`, so that a line for `inspect eval` can be pasted."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own: list[str] = []
        words = iter(args)
        for word in words:
            if not word.startswith("-T"):
                own.append(word)
                continue
            name, equals, value = (word[2:] or next(words, "")).partition("=")
            if not equals:
                raise click.UsageError(f"'-T {name}' has no value. Write -T name=value.", ctx)
            own += [f"--{name}", value]
        return super().parse_args(ctx, own)


@main.command(cls=LikeATask)
@click.argument("scenario", callback=_scenario)
@click.option("--arms", callback=_names, help="Arms with commas between them, `core` (the default) or `all`.")
@click.option("--work", callback=_names, help="shutdown: kinds of work, with commas between them; all, if not said.")
@click.option("--deliverable", help="detector: `rule` (the default), `prompt` or `review`.")
@click.option(
    "--wordings", type=click.IntRange(min=1), help="The first so many wordings; all that an arm has, if not said."
)
@click.option("--seeds", type=click.IntRange(min=1), help="Seeds of the work; 1, if not said.")
@click.option("--epochs", type=click.IntRange(min=1), default=1, show_default=True, help="Repeats of each sample.")
@click.option("--stimuli", type=click.Path(path_type=Path), help="A folder of your own stimuli.")
@click.option("--items", type=click.IntRange(min=1), help="detector: hidden hacks a family; they cost no calls.")
@click.option("--comprehension", type=bool, help="shutdown: ask what will happen next; yes, if not said.")
@click.option("--debrief", type=bool, help="shutdown: ask afterwards what was done; yes, if not said.")
@click.option("--interview", type=bool, help="detector: ask afterwards what it misses; yes, if not said.")
@click.option("--kinds", callback=_names, help="reward_hacking: `fair`, `loophole`, `impossible`; all, if not said.")
@click.option("--problems", callback=_names, help="reward_hacking: problems; all, if not said.")
@click.option("--crossed", type=bool, help="reward_hacking: every problem in every wording; no, if not said.")
@click.option("--questions", callback=_names, help="misalignment_chat: questions; all, if not said.")
@click.option("--votes", type=click.IntRange(min=1), help="Votes of the grader; they cost the model nothing.")
@click.option("--plan", help="What the task takes; it costs nothing.")
@click.option("--stop", help="What the task takes; reckoned as if nothing were stopped.")
def plan(scenario: str, epochs: int, **parameters: Any) -> None:
    """Say what a run would cost and what it could show, before anything is spent.

    Takes what the task takes: --arms a,b or, as for `inspect eval`, -T arms=a,b.
    """
    from sabotage_evals.plan import plan as reckon

    chosen = {name: value for name, value in parameters.items() if value is not None}
    sys.exit(_spoken(reckon, scenario, chosen, epochs))


@main.command()
@click.argument("scenario", callback=_scenario)
@click.option("--items", type=click.IntRange(min=1), default=100, show_default=True, help="Hidden hacks a family.")
@click.option("--draws", type=click.IntRange(min=1), default=200, show_default=True, help="Times each is planted.")
@click.option("--domain", type=click.Choice(get_args(Domain)), default="hacking", show_default=True)
def sensitivity(scenario: str, items: int, draws: int, domain: Domain) -> None:
    """Plant weakenings of known size, with no agent, and print the smallest that the scorer finds nine times of ten."""
    if scenario != "detector":
        raise click.ClickException(f"Nothing is planted in '{scenario}'; choose detector.")
    from sabotage_evals.scorers.detector.sensitivity import as_table
    from sabotage_evals.scorers.detector.sensitivity import sensitivity as measure

    click.echo(as_table(measure(items, domain, draws)))


@main.command()
@click.option("--items", type=click.IntRange(min=1), default=3, show_default=True, help="Recordings a family.")
@click.option("--seed", default="proof", show_default=True, help="Another seed makes other recordings.")
@click.option("--domain", type=click.Choice(get_args(Domain)), help="Only this one; both, if not said.")
def prove(items: int, seed: str, domain: Domain | None) -> None:
    """Prove the labels of the detector's recordings: run, or recompute, the checks that a hack passes and fails.

    The programs in the recordings are made by this suite, and run here, each in a process and folder of its own.
    """
    from sabotage_evals.corpus.proof import prove_corpus

    unproven = [prove_corpus(seed, items, each) for each in ([domain] if domain else get_args(Domain))]
    sys.exit(1 if any(unproven) else 0)


@main.command("import")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--mapping", required=True, type=click.Path(path_type=Path), help="The file that says how to read them.")
@click.option(
    "--output",
    default="imported",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder that the logs are written to.",
)
def import_logs(source: Path, mapping: Path, output: Path) -> None:
    """Name what runs of another shutdown experiment did, from their transcripts alone.

    SOURCE is an Inspect log, a file of JSON Lines, or a folder of either; docs/import.md shows a mapping.
    """
    from sabotage_evals.claims.importing import import_transcripts

    sys.exit(_spoken(import_transcripts, source, mapping, output))


@main.command()
@click.argument("logs", type=click.Path(path_type=Path))
@click.option(
    "--output",
    default="report",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder that the page, its tables and its plots are written to.",
)
@click.option("--plan", type=click.Path(dir_okay=False, path_type=Path), help="What was written down before the run.")
@click.option("--bundle", is_flag=True, help="Put Inspect's viewer beside it: one site, to be served as it is.")
def report(logs: Path, output: Path, plan: Path | None, bundle: bool) -> None:
    """Turn a folder of logs into a page: coverage, rates, contrasts, and a way down to every transcript."""
    from sabotage_evals.claims.report import report as make

    sys.exit(_spoken(make, logs, output, plan, bundle))


@main.command()
@click.option("--model-role", "model_roles", multiple=True, required=True, help="grader=PROVIDER/MODEL.")
@click.option("--questions", callback=_names, help="Only these, with commas between them; all, if not said.")
@click.option("--votes", type=click.IntRange(min=1), default=1, show_default=True, help="How often a grader is asked.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many items of each question.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Keep the figures as JSON.")
def calibrate(
    model_roles: tuple[str, ...], questions: list[str] | None, votes: int, limit: int | None, output: Path | None
) -> None:
    """Ask a grader about transcripts with known labels, and say how often it is right.

    Works offline with a scripted grader: --model-role grader=sabotage_evals/grades_by_rule
    """
    from sabotage_evals.judge.calibrate import run_calibrate

    sys.exit(_spoken(run_calibrate, list(model_roles), questions, votes, output, limit))


@main.group()
def review() -> None:
    """Let two people judge a sample of runs, blind, and hold the scorer to them."""


@review.command("export")
@click.argument("logs", type=click.Path(path_type=Path))
@click.option("--output", default="review", show_default=True, type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--sample", type=click.IntRange(min=0), default=50, show_default=True, help="Runs drawn beside all positives."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Another one draws other runs.")
@click.option("--key", help="The rate that is asked about; each scenario's headline, if not said.")
def review_export(logs: Path, output: Path, sample: int, seed: int, key: str | None) -> None:
    """Draw runs, and write what two people need to judge them: transcripts, and a sheet for each."""
    from sabotage_evals.claims.review import review_export as export

    sys.exit(_spoken(export, logs, output, sample, seed, key))


@review.command("import")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--logs", type=click.Path(path_type=Path), help="The folder of logs, if it has moved.")
def review_import(folder: Path, logs: Path | None) -> None:
    """Read both sheets, print how people and scorer agree, and write the people's verdicts into the logs."""
    from sabotage_evals.claims.review import review_import as take_in

    sys.exit(_spoken(take_in, folder, logs))


def _spoken(run: Callable[..., int | None], *arguments: Any) -> int:
    """Run it; what it refuses comes out as its one sentence, without a traceback."""
    from sabotage_evals.refusal import Refusal

    try:
        return run(*arguments) or 0
    except Refusal as refusal:
        raise click.ClickException(refusal.sentence) from refusal
