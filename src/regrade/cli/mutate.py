"""`regrade mutate SUITE RUN`."""

from pathlib import Path

import click

from regrade import api
from regrade.report.mutation import mutation_document, print_mutation

from .root import DONE
from .shared.options import SUITE, print_json, read_overrides, screen, set_option


@click.command()
@click.argument("suite", type=SUITE)
@click.argument("run")
@click.option("--seed", type=int, default=0, help="Decides what is broken where there is a choice.")
@click.option("--judges", is_flag=True, help="Have graders that ask language models take part.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@set_option
def command(
    *, suite: Path, run: str, seed: int, judges: bool, as_json: bool, overrides: tuple[str, ...]
) -> int:
    """Break the good answers of a RUN on purpose, and say which graders of the SUITE notice which
    break, which break nobody notices, and which graders never fire.

    RUN is an id, the beginning of one, a label, or `last`. The target is not asked, and nothing is
    kept.
    """
    loaded = api.load_suite(suite, read_overrides(overrides))
    with api.open_store() as store:
        found = api.blocking(
            lambda: api.mutate_run(run, loaded, store=store, seed=seed, judges=judges)
        )
    if as_json:
        print_json(mutation_document(found))
    else:
        print_mutation(found, screen())
    return DONE
