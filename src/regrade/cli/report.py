"""`regrade report RUN`."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from regrade import api
from regrade.domain import Run

from .root import DONE
from .shared.writing import write


def _html(run: Run, notes: Sequence[str]) -> str:
    from regrade.report.html import run_html  # noqa: PLC0415  its templates are only needed here

    return run_html(run, notes)


def _markdown(run: Run, notes: Sequence[str]) -> str:
    from regrade.report.markdown import run_markdown  # noqa: PLC0415  as above

    return run_markdown(run, notes)


def _junit(run: Run, _notes: Sequence[str]) -> str:
    from regrade.report.junit import run_junit  # noqa: PLC0415  as above

    return run_junit(run)


def _json(run: Run, _notes: Sequence[str]) -> str:
    from regrade.report.document import run_document  # noqa: PLC0415  as above

    return json.dumps(run_document(run), indent=2) + "\n"


FORMS: dict[str, Callable[[Run, Sequence[str]], str]] = {
    "html": _html,
    "markdown": _markdown,
    "junit": _junit,
    "json": _json,
}
"""What a run can be written as."""


@click.command()
@click.argument("run")
@click.option("--html", "form", flag_value="html", help="One file for the browser; offline.")
@click.option("--markdown", "form", flag_value="markdown", help="For a pull-request comment.")
@click.option("--junit", "form", flag_value="junit", help="JUnit XML, one test a case.")
@click.option("--json", "form", flag_value="json", help="The Run document.")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    metavar="FILE",
    help="Where to write; - prints. Left out, HTML goes to report-RUN.html and the others are printed.",
)
def command(*, run: str, form: str | None, output: Path | None) -> int:
    """Write a stored RUN in another form.

    RUN is an id, the beginning of one, a label, or `last`.
    """
    if form is None:
        raise click.UsageError("say what to write: --html, --markdown, --junit or --json")
    with api.open_store() as store:
        loaded = api.load_run(run, store=store)
        notes = api.judge_notes(loaded, store=store)
    if output is None and form == "html":
        output = Path(f"report-{loaded.header.run_id}.html")
    text = FORMS[form](loaded, notes)
    if output is None or str(output) == "-":
        click.echo(text, nl=False)
    else:
        write(output, text)
        click.echo(f"wrote {output}")
    return DONE
