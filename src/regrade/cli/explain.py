"""`regrade explain TRACE`."""

import click

from regrade import api
from regrade.domain.errors import UnknownRunError
from regrade.online import checks_of, load_trace
from regrade.report.live.explanation import print_explanation

from .root import DONE
from .shared.options import print_json, screen


@click.command()
@click.argument("trace")
@click.option("--project", default="default", show_default=True, help="The project that it is in.")
@click.option("--json", "as_json", is_flag=True, help="Print its checks as JSON.")
def command(*, trace: str, project: str, as_json: bool) -> int:
    """Say of a live TRACE why each monitor graded it or not, and what the graders said."""
    with api.open_store() as store:
        loaded = load_trace(store, store.live.projects.key(project), trace.lower())
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
