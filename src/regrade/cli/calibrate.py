"""`regrade calibrate SUITE`."""

from pathlib import Path

import click

from regrade import api
from regrade.domain.errors import UnknownRunError
from regrade.report.calibration import calibration_document, print_calibration

from .root import DONE
from .shared.options import SUITE, print_json, read_overrides, screen, set_option


@click.command()
@click.argument("suite", type=SUITE)
@click.option(
    "--run", "reference", metavar="RUN", help="The run; left out, the suite's newest one."
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@set_option
def command(
    *, suite: Path, reference: str | None, as_json: bool, overrides: tuple[str, ...]
) -> int:
    """Measure the judges of a SUITE against what people said (`regrade label`): agreement, biases, the
    pass rate that people would give, and whether each judge is good enough to gate.
    """
    loaded = api.load_suite(suite, read_overrides(overrides))
    with api.open_store() as store:
        if reference is None:
            headers = (
                h for h in store.headers(suite=loaded.outline.name) if h.status == "finished"
            )
            newest = next(headers, None)
            if newest is None:
                raise UnknownRunError(
                    f"there is no finished run of {loaded.outline.name}; run it first"
                )
            reference = newest.run_id
        run = api.load_run(reference, store=store)
        found = api.measure_judges(run, store=store, suite=loaded)
    if as_json:
        print_json(calibration_document(run.header, found))
    else:
        print_calibration(run.header, found, screen())
    return DONE
