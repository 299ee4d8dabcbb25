"""`regrade init [DIR]`."""

from pathlib import Path

import click

from regrade.suites import TASKS, write_starter

from .root import DONE


@click.command(
    epilog="Tasks: " + "; ".join(f"{name} ({about})" for name, about in TASKS.items()) + "."
)
@click.argument(
    "folder",
    metavar="[DIR]",
    default=".",
    type=click.Path(file_okay=False, path_type=Path),
)
@click.option(
    "--task",
    type=click.Choice(list(TASKS)),
    default="classification",
    show_default=True,
    help="The kind of work that your system does.",
)
@click.option("--adversarial", is_flag=True, help="Add 40 attacks to the cases.")
def command(*, folder: Path, task: str, adversarial: bool) -> int:
    """Write a suite for a kind of work into DIR: objective, criteria, cases of all five kinds, the
    graders that fit, and a stand-in for your application. It runs as it is.
    """
    paths = write_starter(folder, task, adversarial=adversarial)
    click.echo(f"wrote {', '.join(str(path) for path in paths)}")
    click.echo(f"next: regrade run {paths[0]}")
    click.echo(f"then: replace `answer` in {folder / 'app.py'}, and the cases by your own")
    return DONE
