"""`regrade closed-loop`."""

import click

from regrade import api
from regrade.online.promotion import closed_loops
from regrade.report.live.watching import print_loops

from .root import DONE
from .shared.live import project_option
from .shared.options import screen


@click.command("closed-loop")
@project_option
def command(*, project: str) -> int:
    """For each alert, its cases, and whether later runs pass them."""
    with api.open_store() as store:
        loops = closed_loops(store, store.live.projects.key(project))
    print_loops(loops, screen())
    return DONE
