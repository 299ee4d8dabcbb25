"""Options that several commands share, and the screen that they write to."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
import yaml
from rich.console import Console

from regrade.domain import Attempt, Json, Run

F = TypeVar("F", bound=Callable[..., Any])
SUITE = click.Path(exists=True, dir_okay=False, path_type=Path)


def close_after_option(function: F) -> F:
    """Add `--close-after SECONDS`."""
    return click.option(
        "--close-after",
        type=click.FloatRange(0),
        default=30.0,
        show_default=True,
        metavar="SECONDS",
        help="How long spans are waited for after the root of a trace ended.",
    )(function)


def set_option(function: F) -> F:
    """Add `--set KEY=VALUE`."""
    return click.option(
        "--set",
        "overrides",
        multiple=True,
        metavar="KEY=VALUE",
        help="Replace a key of the suite file, nested by dots; a path is taken from here. May be given several times.",
    )(function)


def read_overrides(given: tuple[str, ...]) -> dict[str, Json]:
    """Read the values of `--set`: YAML scalars; a path that exists from here stays that path.

    Raises: click.BadParameter.
    """
    found: dict[str, Json] = {}
    for each in given:
        key, equals, text = each.partition("=")
        if not equals or not key:
            raise click.BadParameter(f"{each!r} is not KEY=VALUE", param_hint="--set")
        if text and Path(text).exists():
            found[key] = str(Path(text).resolve())
            continue
        try:
            found[key] = yaml.safe_load(text)
        except yaml.YAMLError:
            found[key] = text
    return found


def screen(*, stderr: bool = False) -> Console:
    """Give the console to print on: as wide as the terminal, 100 columns elsewhere."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else 100
    return Console(file=stream, width=width, highlight=False, emoji=False)


def print_json(document: Json) -> None:
    """Print a document alone on standard output."""
    click.echo(json.dumps(document, indent=2))


def print_run_document(run: Run) -> None:
    """Print the Run document alone on standard output."""
    from regrade.report.document import run_document  # noqa: PLC0415  its models are only needed here

    print_json(run_document(run))


def print_attempts_document(attempts: Sequence[Attempt]) -> None:
    """Print attempts alone on standard output."""
    from regrade.report.document import attempt_document  # noqa: PLC0415  its models are only needed here

    print_json([attempt_document(attempt) for attempt in attempts])
