"""`regrade compare BASELINE CANDIDATE…`."""

from pathlib import Path

import click

from regrade import api
from regrade.domain import Comparison
from regrade.domain.errors import UsageError

from .root import DONE
from .shared.options import print_json, screen
from .shared.writing import write


@click.command()
@click.argument("baseline")
@click.argument("candidates", nargs=-1, required=True)
@click.option(
    "--margin",
    "margins",
    multiple=True,
    metavar="[WHAT=]DROP",
    help="A drop that is tolerated, as 0.02 for the pass rate, or topic:billing=0.05.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the Comparison document.")
@click.option("--markdown", is_flag=True, help="Print a comment for a pull request.")
@click.option(
    "--html",
    is_flag=True,
    help="Write one file for the browser, with forest plots and the answers word by word; offline.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where --html writes; left out, comparison-BASELINE-CANDIDATE.html.",
)
def command(
    *,
    baseline: str,
    candidates: tuple[str, ...],
    margins: tuple[str, ...],
    as_json: bool,
    markdown: bool,
    html: bool,
    output: Path | None,
) -> int:
    """Compare CANDIDATES with a BASELINE on the same cases; several are ranked as well.

    Runs are named by id, the beginning of one, a label, `last`, or a baseline file.
    """
    if output is not None and (not html or len(candidates) > 1):
        raise click.UsageError("--output goes with --html and one candidate")
    given = dict(_margin(each) for each in margins)
    with api.open_store() as store:
        before = api.find_run(baseline, store=store)
        after = [api.find_run(each, store=store) for each in candidates]
        found = [api.compare_runs(before, each, margins=given, store=store) for each in after]
        ranked = api.rank_runs([baseline, *candidates], store=store) if len(found) > 1 else ()
    if as_json:
        from regrade.report.comparison import comparison_document  # noqa: PLC0415  loads pydantic

        documents = [comparison_document(each) for each in found]
        print_json(documents[0] if len(documents) == 1 else documents)
        return DONE
    for each in found:
        if html:
            _write(each, output)
        else:
            _print(each, markdown=markdown)
    if ranked:
        from regrade.report.comparison.terminal import print_ranking  # noqa: PLC0415  with several

        print_ranking(ranked, screen())
    return DONE


def _write(found: Comparison, output: Path | None) -> None:
    from regrade.report.html import comparison_html  # noqa: PLC0415  its templates are only needed here

    name = f"comparison-{found.baseline.run_id}-{found.candidate.run_id}.html"
    path = output or Path(name)
    write(path, comparison_html(found))
    click.echo(f"wrote {path}")


def _print(found: Comparison, *, markdown: bool) -> None:
    from regrade.report.comparison import comparison_markdown, print_comparison  # noqa: PLC0415  after the work

    if markdown:
        click.echo(comparison_markdown(found), nl=False)
    else:
        print_comparison(found, screen())


def _margin(text: str) -> tuple[str, float]:
    what, equals, drop = text.rpartition("=")
    try:
        value = float(drop)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1 or (equals and ":" not in what):
        raise UsageError(
            f"--margin {text!r}: write a share from 0 to 1, alone or after criterion:id= or tag:value="
        )
    return what, value
