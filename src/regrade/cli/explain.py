"""`regrade explain TRACE`."""

import time

import click

from regrade import api
from regrade.domain.errors import UnknownRunError
from regrade.online import LoadedTrace, checks_of, load_trace
from regrade.report.live.explanation import print_explanation
from regrade.store import Store

from .root import DONE
from .shared.options import print_json, screen

LOOK_EVERY_S = 0.2
"""Seconds between two looks at a trace that is waited for."""


@click.command()
@click.argument("trace")
@click.option("--project", default="default", show_default=True, help="The project that it is in.")
@click.option(
    "--wait",
    type=click.FloatRange(0),
    default=0.0,
    metavar="SECONDS",
    help="Wait until it is here, closed and graded, this long at most.",
)
@click.option("--json", "as_json", is_flag=True, help="Print its checks as JSON.")
def command(*, trace: str, project: str, wait: float, as_json: bool) -> int:
    """Say of a live TRACE why each monitor graded it or not, and what the graders said."""
    with api.open_store() as store:
        loaded = _settled(store, store.live.projects.key(project), trace.lower(), wait)
        if loaded is None:
            raise UnknownRunError(f"there is no trace {trace!r} in the project {project}")
        checks = checks_of(store, loaded)
        if as_json:
            print_json({"traceId": loaded.listed.trace_id, "checks": dict(checks)})
            return DONE
        live = store.live.decisions
        print_explanation(
            loaded.listed, live.of(loaded.trace), live.grades_of(loaded.trace), loaded.feedback, screen()
        )  # fmt: skip
    return DONE


def _settled(store: Store, project: int, trace_id: str, wait_s: float) -> LoadedTrace | None:
    """Give a trace once all that its monitors chose is graded, or as it is when the time is over."""
    until = time.monotonic() + wait_s
    while True:
        loaded = load_trace(store, project, trace_id)
        if time.monotonic() >= until or (loaded is not None and _is_settled(store, loaded)):
            return loaded
        time.sleep(LOOK_EVERY_S)


def _is_settled(store: Store, loaded: LoadedTrace) -> bool:
    decisions = store.live.decisions.of(loaded.trace)
    return loaded.listed.state == "closed" and all(each.outcome != "queued" for each in decisions)
