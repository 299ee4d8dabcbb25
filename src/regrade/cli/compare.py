"""`regrade compare BASELINE CANDIDATE…`."""

import click

from regrade import api
from regrade.domain import Comparison
from regrade.domain.errors import UsageError

from .root import DONE
from .shared.options import print_json, screen


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
def command(
    *,
    baseline: str,
    candidates: tuple[str, ...],
    margins: tuple[str, ...],
    as_json: bool,
    markdown: bool,
) -> int:
    """Compare CANDIDATES with a BASELINE on the same cases; several are ranked as well.

    Runs are named by id, the beginning of one, a label, or `last`.
    """
    given = dict(_margin(each) for each in margins)
    with api.open_store() as store:
        before = api.load_run(baseline, store=store)
        after = [api.load_run(each, store=store) for each in candidates]
        found = [api.compare_runs(before, each, margins=given) for each in after]
        ranked = api.rank_runs([baseline, *candidates], store=store) if len(found) > 1 else ()
    if as_json:
        from regrade.report.comparison import comparison_document  # noqa: PLC0415  loads pydantic

        documents = [comparison_document(each) for each in found]
        print_json(documents[0] if len(documents) == 1 else documents)
        return DONE
    for each in found:
        _print(each, markdown=markdown)
    if ranked:
        from regrade.report.comparison.terminal import print_ranking  # noqa: PLC0415  with several

        print_ranking(ranked, screen())
    return DONE


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
