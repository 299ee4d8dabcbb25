"""A run as Markdown that fits a pull-request comment: the verdict in its first line."""

import re
from collections.abc import Mapping, Sequence

from regrade.domain import Attempt, Confusion, Estimate, Rate, Run, Summary, as_text

from . import words
from .plain import one_line

MOST_CHARACTERS = 60_000
"""Characters of a report: GitHub's comments hold 65,536."""
MOST_FAILURES = 20
"""Failures that are told."""
MOST_LABELS = 8
"""Labels up to which a confusion matrix is given whole."""
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|<>~$&])")


def run_markdown(run: Run, notes: Sequence[str] = ()) -> str:
    """Give the report."""
    summary, header = run.summary, run.header
    mark = "✅" if summary.is_valid and not summary.failed and summary.passed else "❌"
    label = f" · {escaped(header.label)}" if header.label else ""
    lines = [
        f"{mark} **{escaped(header.suite.name)}: {words.verdict(run)}**",
        "",
        f"{escaped(header.suite.objective)} · run `{header.run_id}`{label}",
        "",
        *_rates("criterion", summary.criteria),
    ]
    if summary.dimensions:
        named = {words.dimension(name): rate for name, rate in summary.dimensions.items()}
        lines += ["", *_rates("dimension", named)]
    if summary.components:
        lines += ["", *_rates("component", summary.components), "", *_first_failures(summary), ""]
        lines += [escaped(said, 600)] if (said := words.masked(summary)) else []
        lines += [
            f"- {escaped(n)}: {words.component(c)}" for n, c in summary.component_operations.items()
        ]
    lines += [f"- {escaped(said, 300)}" for said in words.judges(summary)]
    for name, confusion in summary.confusion.items():
        lines += ["", *_confusion(name, confusion)]
    if summary.failure_categories:
        lines += ["", f"Kinds of failures: {escaped(words.categories(summary), 600)}."]
    lines += ["", " · ".join(words.operations(summary.operations))]
    lines += [f"> {escaped(note, 400)}" for note in (*words.warnings(summary), *notes)]
    return _fitted(lines, summary.failures, [*_slices(summary.slices)])


def _fitted(lines: list[str], failures: Sequence[Attempt], slices: list[str]) -> str:
    """Add what fits: the worst failures, then the slices."""
    size = sum(len(line) + 1 for line in [*lines, *slices]) + 400
    if slices and size > MOST_CHARACTERS:
        slices, size = [], sum(len(line) + 1 for line in lines) + 400
    told: list[str] = []
    for attempt in failures[:MOST_FAILURES]:
        entry = _failure(attempt)
        size += len(entry) + 1
        if size > MOST_CHARACTERS:
            break
        told.append(entry)
    if told:
        count = len([line for line in told if line.startswith("- ")])
        more = f"the worst {count} of {len(failures)}" if count < len(failures) else "all"
        lines += [
            "",
            f"<details open><summary>Failures ({more})</summary>",
            "",
            *told,
            "",
            "</details>",
        ]
    return "\n".join([*lines, *slices]) + "\n"


def _rates(title: str, rates: Mapping[str, Rate]) -> list[str]:
    lines = [f"| {title} | rate | 95 % interval | n | |", "|---|---:|---|---:|---|"]
    for name, rate in rates.items():
        lines.append(f"| {escaped(name)} | {_numbers(rate.estimate)} | {words.unjudged(rate)} |")
    return lines


def _numbers(estimate: Estimate) -> str:
    return f"{words.percent(estimate.value)} | {words.interval(estimate)} | {estimate.n}"


def _first_failures(summary: Summary) -> list[str]:
    lines = ["| failed first at | share | 95 % interval | n | cases |", "|---|---:|---|---:|---|"]
    for name, share in summary.attribution.items():
        behind = words.behind(summary.first_failed[name])
        lines.append(f"| {escaped(name)} | {_numbers(share)} | {escaped(behind, 300)} |")
    return lines


def _confusion(name: str, confusion: Confusion) -> list[str]:
    if len(confusion.labels) > MOST_LABELS:
        mistakes = sorted((n, pair) for pair, n in confusion.counts.items() if pair[0] != pair[1])
        shown = [
            f"{n} × {escaped(a)} answered as {escaped(b)}"
            for n, (a, b) in mistakes[::-1][:MOST_LABELS]
        ]
        return [f"Labels of {escaped(name)}: {', '.join(shown) or 'every label was right'}."]
    heads = " | ".join(map(escaped, confusion.labels))
    lines = [
        f"| {escaped(name)}: expected ↓ answered → | {heads} |",
        f"|---|{'---:|' * len(confusion.labels)}",
    ]
    for row in confusion.labels:
        if not any(confusion.counts.get((row, column)) for column in confusion.labels):
            continue
        cells = [str(confusion.counts.get((row, column), 0) or "·") for column in confusion.labels]
        lines.append(f"| {escaped(row)} | {' | '.join(cells)} |")
    return lines


def _slices(slices: Mapping[str, Mapping[str, Estimate]]) -> list[str]:
    if not slices:
        return []
    lines = ["", "<details><summary>Slices</summary>", ""]
    for tag, values in slices.items():
        lines += [f"| {escaped(tag)} | rate | 95 % interval | n |", "|---|---:|---|---:|"]
        lines += [f"| {escaped(value)} | {_numbers(each)} |" for value, each in values.items()]
        lines.append("")
    return [*lines, "</details>"]


def _failure(attempt: Attempt) -> str:
    trial = f" (trial {attempt.trial + 1})" if attempt.trial else ""
    critical = " **critical**" if attempt.case.critical else ""
    asked = escaped(as_text(attempt.case.input), 160)
    lines = [f"- **{escaped(attempt.case.id)}**{trial}{critical} {asked}"]
    lines += [
        f"  - {escaped(r.speaks_for)}: {escaped(r.words, 300)}" for r in words.reasons(attempt)
    ]
    return "\n".join(lines)


def escaped(text: str, limit: int = 120) -> str:
    """Write what a user or a model wrote so that it stays text: no markup, no mentions, no links."""
    plain = _MARKUP.sub(r"\\\1", one_line(text, limit))
    return plain.replace("@", "@\u200b").replace("://", ":\u200b//").replace("www.", "www\u200b.")
