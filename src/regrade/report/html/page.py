"""The page: what is summed up is written here; what is searched is left to one small script."""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from regrade.domain import Confusion, Estimate, Json, Rate, Run, as_text
from regrade.report import words
from regrade.report.charts import HERE as CHARTS
from regrade.report.charts.heat import heat_map
from regrade.report.plain import one_line, printable
from regrade.store.codec import plain_id

from .rows import is_shortened, rows_json

HERE = Path(__file__).parent
MOST_FAILURES = 20
"""Failures that are on the page without its script."""
MOST_LABELS = 30
"""Labels up to which a confusion matrix is drawn."""


def run_html(run: Run, notes: Sequence[str] = ()) -> str:
    """Give the whole page."""
    style, script = asset("report.css"), asset("report.js")
    return template("page.html").render(
        **run_content(run, notes),
        style=Markup(style),  # noqa: S704  ours, and pinned by its hash
        script=Markup(script),  # noqa: S704  as above
        policy=f"default-src 'none'; style-src '{digest(style)}'; script-src '{digest(script)}'; "
        "base-uri 'none'; form-action 'none'",
        rows=Markup(rows_json(run)),  # noqa: S704  JSON in which nothing can end the element
        is_shortened=is_shortened(run),
    )


def summary_html(run: Run) -> str:
    """Give the summary alone, as a fragment with its style: for notebooks."""
    style = asset("report.css").replace(":root", ".regrade").replace("body", ".regrade")
    return template("fragment.html").render(**run_content(run, ()), style=Markup(style))  # noqa: S704  ours


def run_content(run: Run, notes: Sequence[str]) -> Mapping[str, Any]:
    """Give what the template of a summary shows of a run."""
    summary = run.summary
    return {
        "run": run,
        "header": run.header,
        "summary": summary,
        "verdict": words.verdict(run),
        "counts": words.counts(summary),
        "tables": [*_tables(run)],
        "confusions": [_matrix(name, each) for name, each in summary.confusion.items()],
        "categories": printable(words.categories(summary)),
        "masked": printable(words.masked(summary)),
        "components": [
            (name, words.component(each)) for name, each in summary.component_operations.items()
        ],
        "judges": [*words.judges(summary)],
        "operations": words.operations(summary.operations),
        "counted_apart": ", ".join(
            (
                words.of(summary.abstentions, "abstention"),
                words.of(summary.grader_failures, "grader failure"),
            )
        ),
        "notes": [*words.warnings(summary), *notes],
        "failures": summary.failures[:MOST_FAILURES],
        "cell_link": None,
        "heat_of": heat_map(summary.cells, summary.slices) if summary.cells else None,
    }


def _tables(run: Run) -> list[dict[str, Any]]:
    summary = run.summary
    about = run.header.suite.criteria
    wanted = {n: r for n, r in summary.dimensions.items() if not words.is_unwanted(n)}
    unwanted = {n: r for n, r in summary.dimensions.items() if words.is_unwanted(n)}
    tables = [
        _table("Criteria", summary.criteria, about=about),
        _table("Dimensions", {words.dimension(n): r for n, r in wanted.items()}),
        _table("Found and unwanted", {words.dimension(n): r for n, r in unwanted.items()}, good=0),
        _table("Components", summary.components),
        _table(
            "Failed first at",
            {name: Rate(estimate=share) for name, share in summary.attribution.items()},
            good=0,
            about={name: words.behind(ids) for name, ids in summary.first_failed.items()},
        ),
    ]
    slices = [
        _table(f"By {tag}", {v: Rate(estimate=e) for v, e in values.items()})
        for tag, values in summary.slices.items()
    ]
    return [table for table in (*tables, *slices) if table["rows"]]


def _table(
    title: str,
    rates: Mapping[str, Rate],
    *,
    good: float = 1.0,
    about: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    rows = [
        {
            "name": name,
            "about": (about or {}).get(name, ""),
            "value": words.percent(rate.estimate.value),
            "interval": words.interval(rate.estimate),
            "n": rate.estimate.n,
            "unjudged": words.unjudged(rate),
            "bar": _bar(rate.estimate, good),
        }
        for name, rate in rates.items()
    ]
    return {"title": title, "rows": rows}


def _bar(estimate: Estimate, good: float) -> dict[str, Any] | None:
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return None
    distance = abs(estimate.value - good)
    style = "good" if distance <= 0.1 else "fair" if distance <= 0.4 else "poor"
    low, high, at = (round(100 * each, 2) for each in (estimate.low, estimate.high, estimate.value))
    return {"low": low, "width": max(round(high - low, 2), 0.5), "at": at, "style": style}


def _matrix(name: str, confusion: Confusion) -> dict[str, Any]:
    labels = confusion.labels[:MOST_LABELS]
    most = max(confusion.counts.values(), default=1)
    rows = []
    for expected in labels:
        cells = [(answered, confusion.counts.get((expected, answered), 0)) for answered in labels]
        if any(number for _, number in cells):
            rows.append(
                {
                    "label": expected,
                    "cells": [
                        {
                            "number": number or "",
                            "style": _shade(number, most, right=answered == expected),
                        }
                        for answered, number in cells
                    ],
                }
            )
    left = len(confusion.labels) - len(labels)
    return {"name": name, "labels": labels, "rows": rows, "left": left}


def _shade(number: int, most: int, *, right: bool) -> str:
    if not number:
        return ""
    strength = 1 + (number * 3 > most) + (number * 3 > 2 * most)
    return f"{'right' if right else 'wrong'} s{strength}"


def shown(value: Json) -> str:
    """Write a value as text that is safe to show."""
    return printable(as_text(value))


def address(text: str) -> str:
    """Write a text as a part of an address; one that no address can hold as the database does."""
    return quote(plain_id(text), safe="")


FILTERS: Mapping[str, Callable[..., Any]] = {
    "shown": shown,
    "line": lambda value, limit=300: one_line(as_text(value), limit),
    "address": address,
    "percent": words.percent,
    "interval": words.interval,
    "reasons": lambda attempt: [*words.reasons(attempt)],
}
"""How values are written, in the report and on the pages."""


@cache
def template(name: str) -> jinja2.Template:
    """Give a template, with the filters that every page uses."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([HERE, CHARTS]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= FILTERS
    return environment.get_template(name)


@cache
def asset(name: str) -> str:
    """Give a file of a page, without the space around it."""
    return (HERE / name).read_text(encoding="utf-8").strip()


def digest(text: str) -> str:
    """Give the hash by which a page's policy allows one script or style."""
    found = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(found).decode()}"
