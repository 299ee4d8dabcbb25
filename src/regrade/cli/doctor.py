"""`regrade doctor [SUITE]`."""

from itertools import groupby
from operator import attrgetter
from pathlib import Path

import click

from regrade import api
from regrade.report.plain import printable

from .root import DONE, USAGE
from .shared.options import SUITE, print_json


@click.command()
@click.argument("suite", required=False, type=SUITE)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def command(*, suite: Path | None, as_json: bool) -> int:
    """Say which versions, extras and keys there are (never a key's value), how the database is, and
    whether the endpoint of a SUITE can be reached.

    Exit code 2 when something must be mended, else 0.
    """
    loaded = None if suite is None else api.load_suite(suite)
    facts = api.blocking(lambda: api.examine_installation(loaded))
    faults = [fact for fact in facts if fact.is_fault]
    if as_json:
        names = ("group", "name", "value", "is_fault")
        print_json([{name: getattr(fact, name) for name in names} for fact in facts])
        return USAGE if faults else DONE
    width = max(len(fact.name) for fact in facts)
    for group, members in groupby(facts, key=attrgetter("group")):
        click.echo(click.style(group, bold=True))
        for fact in members:
            value = printable(fact.value)
            shown = click.style(value, "red") if fact.is_fault else value
            click.echo(f"  {fact.name:<{width}}  {shown}")
    click.echo(f"{len(faults)} faults" if faults else "nothing must be mended")
    return USAGE if faults else DONE
