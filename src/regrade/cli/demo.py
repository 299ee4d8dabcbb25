"""`regrade demo [DIR]`."""

import os
from pathlib import Path

import click

from regrade import api
from regrade.demo.copying import HERE, PARTS, copy_to
from regrade.domain import Run
from regrade.report.html import run_html
from regrade.report.terminal import print_run

from .root import DONE
from .shared.options import print_run_document, screen
from .shared.watching import watching
from .shared.writing import write


@click.command()
@click.argument(
    "folder", metavar="[DIR]", required=False, type=click.Path(file_okay=False, path_type=Path)
)
@click.option(
    "--model",
    metavar="PROVIDER:NAME",
    help="Have a language model write the answers; its key comes from the environment.",
)
@click.option(
    "--break",
    "broken",
    type=click.Choice(PARTS),
    help="Let one part misbehave, and see which component is found.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the Run document alone.")
def command(*, folder: Path | None, model: str | None, broken: str | None, as_json: bool) -> int:
    """Judge the example application: a help-centre assistant that retrieves, answers and uses tools.

    It runs offline. With DIR the application, its cases and its suite are copied there first, to be
    changed; the report for the browser is written beside them, else into the working directory.
    """
    if model is not None:
        api.chat_model(model)  # a name that is none is told before anything runs
        os.environ["DEMO_MODEL"] = model
    path = HERE / "suite.yaml" if folder is None else copy_to(folder)
    page = (folder or Path()) / "demo-report.html"
    label = model or "demo"
    sound = _run(path, label) if broken else None
    if broken:
        os.environ["DEMO_BREAK"] = broken
    done = _run(path, f"{label} without {broken}" if broken else label)
    write(page, run_html(done.run, done.aftermath.notes))
    if as_json:
        print_run_document(done.run)
        return DONE
    print_run(done.run, screen(), done.aftermath.notes)
    if sound is not None:
        click.echo(_found(sound.run, done.run))
    click.echo(f"     {page} shows it all in the browser")
    again = f"regrade run {path}" if folder else "regrade demo my-demo, to have a copy to change"
    click.echo(f"     {again}")
    return DONE


def _run(path: Path, label: str) -> api.Done:
    suite = api.load_suite(path)
    with api.open_store() as store, watching(screen(stderr=True)) as watcher:
        return api.blocking(
            lambda: api.run_suite(suite, store=store, suite_path=path, label=label, watch=watcher)
        )


def _found(sound: Run, broken: Run) -> str:
    """Say which component's share of first failures grew most, against the run without the fault."""
    before, after = sound.summary.attribution, broken.summary.attribution
    grown = {name: (after[name].value or 0) - (before[name].value or 0) for name in after}
    lines = [
        f"     first failures at {name}: {before[name].value or 0:.1%} before, {after[name].value or 0:.1%} now"
        for name in after
    ]
    return "\n".join([*lines, f"     what broke: {max(grown, key=grown.__getitem__)}"])
