"""A run on the terminal: what passes, what fails and why; wide or narrow, coloured or plain."""

from collections.abc import Mapping, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from regrade.domain import Attempt, Estimate, Rate, Run, RunHeader, Summary, as_text
from regrade.domain.duration import show_duration

from .plain import one_line, printable

MOST_FAILURES = 5
"""Failures that are told in the report of a run."""
NARROW = 70
"""Columns below which tables become lists."""
_BAR = 16


def print_run(run: Run, console: Console, notes: Sequence[str] = ()) -> None:
    """Print what a run says."""
    summary = run.summary
    console.print(_headline(run.header))
    console.print(_totals(summary))
    console.print(_rates("Criteria", _criterion_rows(summary), console.width))
    for tag, values in summary.slices.items():
        rows = [(value, estimate, "") for value, estimate in values.items()]
        console.print(_rates(f"By {tag}", rows, console.width))
    if summary.components:
        console.print(_rates("Components", _rate_rows(summary.components), console.width))
        console.print(_first_failures(summary))
    console.print(_operations(summary))
    if summary.failures:
        console.print(_failures(run, console.width))
    for note in (*_warnings(summary), *notes):
        console.print(Text.assemble(("note ", "yellow"), printable(note)))
    console.print(Text.assemble(("next ", "dim"), _next_step(run)), soft_wrap=True)


def _headline(header: RunHeader) -> RenderableType:
    label = f" · {printable(header.label)}" if header.label else ""
    again = f" · regraded from {header.regraded_from}" if header.regraded_from else ""
    title = Text.assemble((header.suite.name, "bold"), (f"  {header.run_id}{label}{again}", "dim"))
    return Group(Text(), title, Text(printable(header.suite.objective), style="italic"), Text())


def _totals(summary: Summary) -> RenderableType:
    line = Text.assemble(
        ("Pass rate ", "bold"),
        _percent_text(summary.pass_rate),
        f"   {summary.passed} passed, ",
        (f"{summary.failed} failed", "red" if summary.failed else ""),
        _with_errors(summary),
    )
    if summary.ungraded:
        line.append(f", {summary.ungraded} ungraded", "yellow")
    if summary.not_run:
        line.append(f", {summary.not_run} not run", "yellow")
    line.append(f" · {_of(summary.attempts, 'attempt')} at {_of(summary.cases, 'case')}", "dim")
    lines = [line]
    if summary.worst_case:
        low, high = summary.worst_case
        lines.append(
            Text(
                f"          between {low:.1%} and {high:.1%}, whatever the ungraded ones are",
                "yellow",
            )
        )
    return Group(*lines)


def _with_errors(summary: Summary) -> Text:
    if not summary.errors:
        return Text()
    kinds = ", ".join(f"{number} {kind}" for kind, number in summary.error_kinds.items())
    return Text(f" (of these {_of(summary.errors, 'error')}: {kinds})", "red")


def _criterion_rows(summary: Summary) -> list[tuple[str, Estimate, str]]:
    return _rate_rows(summary.criteria)


def _rate_rows(rates: Mapping[str, Rate]) -> list[tuple[str, Estimate, str]]:
    return [(name, rate.estimate, _unjudged(rate)) for name, rate in rates.items()]


def _unjudged(rate: Rate) -> str:
    parts = [_of(rate.abstentions, "abstention")] if rate.abstentions else []
    parts += [_of(rate.grader_failures, "grader failure")] if rate.grader_failures else []
    return ", ".join(parts)


def _rates(title: str, rows: Sequence[tuple[str, Estimate, str]], width: int) -> RenderableType:
    shown = _narrow_rates(rows) if width < NARROW else _wide_rates(rows, width)
    return Group(Text(), Text(title, "bold"), Padding(shown, (0, 0, 0, 2)))


def _wide_rates(rows: Sequence[tuple[str, Estimate, str]], width: int) -> RenderableType:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(overflow="fold", max_width=max(14, width // 3))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True, style="dim")
    table.add_column(no_wrap=True)
    table.add_column(style="yellow", overflow="fold")
    for name, estimate, unjudged in rows:
        numbers = (_value(estimate), _interval(estimate), Text(f"n={estimate.n}"))
        table.add_row(Text(printable(name)), *numbers, _bar(estimate), Text(unjudged))
    return table


def _narrow_rates(rows: Sequence[tuple[str, Estimate, str]]) -> RenderableType:
    """Two lines a row, where a table would break its words."""
    lines: list[Text] = []
    for name, estimate, unjudged in rows:
        numbers = Text.assemble(
            "  ", _value(estimate), "  ", _interval(estimate), (f"  n={estimate.n}", "dim")
        )
        lines += [Text(printable(name)), numbers]
        if unjudged:
            lines.append(Text(f"  {unjudged}", "yellow"))
    return Group(*lines)


def _value(estimate: Estimate) -> Text:
    return (
        Text("–", "dim")
        if estimate.value is None
        else Text(f"{estimate.value:.1%}", _style(estimate.value))
    )


def _interval(estimate: Estimate) -> Text:
    if estimate.low is None or estimate.high is None or estimate.n == 0:
        return Text("no data", "dim")
    return Text(f"{estimate.low:.1%} – {estimate.high:.1%}", "dim")


def _percent_text(estimate: Estimate) -> Text:
    if estimate.value is None:
        return Text("no data", "yellow")
    return Text.assemble(
        (f"{estimate.value:.1%}", f"bold {_style(estimate.value)}"), " ", _interval(estimate)
    )


def _bar(estimate: Estimate) -> Text:
    """The rate as a bar, with its interval as the lighter part around its end."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return Text()
    low, high = round(estimate.low * _BAR), round(estimate.high * _BAR)
    return Text.assemble(
        ("█" * low, _style(estimate.value)),
        ("▒" * (high - low), "dim"),
        ("·" * (_BAR - high), "dim"),
    )


def _style(rate: float) -> str:
    return "green" if rate >= 0.9 else "yellow" if rate >= 0.6 else "red"


def _first_failures(summary: Summary) -> RenderableType:
    shares = summary.attribution.items()
    lines = [f"{round((e.value or 0) * e.n)} first at {name}" for name, e in shares]
    return Text(f"  Of {summary.failed} failures: {', '.join(lines)}", "dim")


def _operations(summary: Summary) -> RenderableType:
    operations = summary.operations
    p50, p95 = operations.latency_p50, operations.latency_p95
    parts = (
        [f"latency p50 {_seconds(p50)}, p95 {_seconds(p95)}"]
        if p50.value is not None
        else ["latency unknown"]
    )
    if operations.ttft_p50.value is not None:
        parts.append(f"first token p50 {show_duration(operations.ttft_p50.value)}")
    if operations.tokens is not None:
        parts.append(f"{operations.tokens:,} tokens")
    if operations.cost_usd is not None:
        parts.append(f"${operations.cost_usd:.4f}")
    abstained, broke = (
        _of(summary.abstentions, "abstention"),
        _of(summary.grader_failures, "grader failure"),
    )
    counted = f"{abstained} and {broke} counted apart"
    return Group(Text(), Text(" · ".join([*parts, counted]), "dim"))


def _seconds(estimate: Estimate) -> str:
    if estimate.value is None:
        return "unknown"
    high = "…" if estimate.high is None else show_duration(estimate.high)
    low = "…" if estimate.low is None else show_duration(estimate.low)
    return f"{show_duration(estimate.value)} [{low}, {high}]"


def _failures(run: Run, width: int) -> RenderableType:
    failures = run.summary.failures
    title = Text("Failures", "bold")
    if len(failures) > MOST_FAILURES:
        title.append(f"  the worst {MOST_FAILURES} of {len(failures)}", "dim")
    parts: list[RenderableType] = [Text(), title]
    parts += [
        Padding(failure_lines(attempt, run.header.trials, width - 4), (0, 0, 0, 2))
        for attempt in failures[:MOST_FAILURES]
    ]
    return Group(*parts)


def failure_lines(attempt: Attempt, trials: int, width: int) -> RenderableType:
    """Give a failed attempt in a few lines: what was asked, and what each grader says."""
    trial = f" (trial {attempt.trial + 1})" if trials > 1 else ""
    critical = (" critical", "bold red") if attempt.case.critical else ("", "")
    asked = one_line(as_text(attempt.case.input), max(20, width - len(attempt.case.id) - 4))
    lines: list[RenderableType] = [
        Text.assemble(
            ("✗ ", "red"),
            (printable(attempt.case.id), "bold"),
            trial,
            critical,
            "  ",
            (asked, "italic"),
        )
    ]
    if attempt.trace.error is not None:
        error = attempt.trace.error
        lines.append(Text(f"  {error.kind}: {one_line(error.message, 300)}", "red"))
    for grade in attempt.grades:
        if grade.passed is False and grade.spec is not None and attempt.trace.error is None:
            speaks_for = grade.spec.criterion or grade.spec.name
            lines.append(
                Text.assemble(
                    "  ", (f"{printable(speaks_for)}: ", "dim"), one_line(grade.reason, 300)
                )
            )
    return Group(*lines)


def _warnings(summary: Summary) -> list[str]:
    found = []
    if not summary.is_valid:
        found.append(
            f"{summary.invalid_share:.1%} of the attempts broke (graders or transport), more than the "
            f"{summary.header.suite.invalid_above:.1%} up to which this run would say something: it is not valid"
        )
    return found


def _next_step(run: Run) -> str:
    if run.summary.failures:
        return f"regrade show {run.header.run_id} {run.summary.failures[0].case.id}"
    return f"regrade show {run.header.run_id}"


def _of(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
