"""A run on the terminal: what passes, what fails and why; wide or narrow, coloured or plain."""

import shlex
from collections.abc import Mapping, Sequence
from functools import partial

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from regrade.domain import Attempt, Confusion, Estimate, Rate, Run, RunHeader, Summary, as_text

from . import words
from .plain import one_line, printable

MOST_FAILURES = 5
"""Failures that are told in the report of a run."""
NARROW = 70
"""Columns below which tables become lists."""
MOST_LABELS = 8
"""Labels up to which a confusion matrix is printed whole."""
FINE, BEARABLE = 0.1, 0.4
"""Distances from the good end of a scale up to which a rate is green, and yellow."""
_BAR = 16


def print_run(run: Run, console: Console, notes: Sequence[str] = ()) -> None:
    """Print what a run says."""
    summary = run.summary
    console.print(_headline(run.header))
    console.print(_totals(summary))
    console.print(_rates("Criteria", _criterion_rows(summary), console.width))
    if summary.dimensions:
        console.print(_dimensions(summary, console.width))
    for name, confusion in summary.confusion.items():
        console.print(_confusion(name, confusion))
    for tag, values in summary.slices.items():
        rows = [(value, estimate, "") for value, estimate in values.items()]
        console.print(_rates(f"By {tag}", rows, console.width))
    if summary.components:
        console.print(_rates("Components", _rate_rows(summary.components), console.width))
        for name, found in summary.component_operations.items():
            console.print(Text(f"  {printable(name)}: {words.component(found)}", "dim"))
        console.print(_first_failures(summary, console.width))
        if said := words.masked(summary):
            console.print(Text(f"  {printable(said)}", "dim"))
    for line in words.judges(summary):
        console.print(Text(f"  {printable(line)}", "dim"))
    console.print(_operations(summary))
    if summary.failures:
        console.print(_failures(run, console.width))
        console.print(Text(f"  kinds: {one_line(words.categories(summary), 400)}", "dim"))
    for note in (*words.warnings(summary), *notes):
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
        "   ",
        words.counts(summary),
    )
    line.highlight_regex(r"[\d,]+ failed", "red" if summary.failed else "")
    line.highlight_regex(r"of these .*?\)", "red")
    line.highlight_regex(r"[\d,]+ (ungraded|not run)", "yellow")
    line.append(
        f" · {words.of(summary.attempts, 'attempt')} at {words.of(summary.cases, 'case')}", "dim"
    )
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


def _dimensions(summary: Summary, width: int) -> RenderableType:
    """Rates of what has a name of its own; what should be nothing stands apart, and is coloured so."""
    wanted: list[tuple[str, Estimate, str]] = []
    unwanted: list[tuple[str, Estimate, str]] = []
    for name, rate in summary.dimensions.items():
        row = (words.dimension(name), rate.estimate, words.unjudged(rate))
        (unwanted if words.is_unwanted(name) else wanted).append(row)
    parts = [_rates("Dimensions", wanted, width)] if wanted else []
    parts += [_rates("Found and unwanted", unwanted, width, good=0.0)] if unwanted else []
    return Group(*parts)


def _confusion(name: str, confusion: Confusion) -> RenderableType:
    """A matrix of few labels, or the commonest mistakes among many."""
    title = Text.assemble(
        (f"Labels of {printable(name)}", "bold"), ("  expected ↓ answered →", "dim")
    )
    if len(confusion.labels) > MOST_LABELS:
        mistakes = [(pair, n) for pair, n in confusion.counts.items() if pair[0] != pair[1]]
        mistakes.sort(key=lambda each: -each[1])
        lines = [
            Text(f"{n} × {printable(expected)} answered as {printable(answered)}")
            for (expected, answered), n in mistakes[:MOST_LABELS]
        ]
        shown: RenderableType = Group(*(lines or [Text("every label was right", "green")]))
    else:
        shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        shown.add_column("")
        for label in confusion.labels:
            shown.add_column(Text(printable(label)), justify="right", overflow="fold")
        for expected in confusion.labels:
            row = [_cell(confusion, expected, answered) for answered in confusion.labels]
            if any(cell.plain != "·" for cell in row):
                shown.add_row(Text(printable(expected), "dim"), *row)
    return Group(Text(), title, Padding(shown, (0, 0, 0, 2)))


def _cell(confusion: Confusion, expected: str, answered: str) -> Text:
    number = confusion.counts.get((expected, answered), 0)
    if not number:
        return Text("·", "dim")
    return Text(str(number), "green" if expected == answered else "red")


def _criterion_rows(summary: Summary) -> list[tuple[str, Estimate, str]]:
    return _rate_rows(summary.criteria)


def _rate_rows(rates: Mapping[str, Rate]) -> list[tuple[str, Estimate, str]]:
    return [(name, rate.estimate, words.unjudged(rate)) for name, rate in rates.items()]


def _rates(
    title: str,
    rows: Sequence[tuple[str, Estimate, str]],
    width: int,
    good: float = 1.0,
    notes: str = "yellow",
) -> RenderableType:
    """Print rates; `good` is the end of the scale that is coloured green, `notes` the colour of what
    stands beside them.
    """
    draw = _narrow_rates if width < NARROW else partial(_wide_rates, width=width)
    shown = draw(rows, good=good, notes=notes)
    return Group(Text(), Text(printable(title), "bold"), Padding(shown, (0, 0, 0, 2)))


def _wide_rates(
    rows: Sequence[tuple[str, Estimate, str]], *, width: int, good: float, notes: str
) -> RenderableType:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(overflow="fold", max_width=max(14, width // 3))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True, style="dim")
    table.add_column(no_wrap=True)
    table.add_column(style=notes, overflow="fold")
    for name, estimate, unjudged in rows:
        numbers = (_value(estimate, good), _interval(estimate), Text(f"n={estimate.n}"))
        table.add_row(Text(printable(name)), *numbers, _bar(estimate, good), Text(unjudged))
    return table


def _narrow_rates(
    rows: Sequence[tuple[str, Estimate, str]], *, good: float, notes: str
) -> RenderableType:
    """Two lines a row, where a table would break its words."""
    lines: list[Text] = []
    for name, estimate, unjudged in rows:
        numbers = Text.assemble(
            "  ", _value(estimate, good), "  ", _interval(estimate), (f"  n={estimate.n}", "dim")
        )
        lines += [Text(printable(name)), numbers]
        if unjudged:
            lines.append(Text(f"  {unjudged}", notes))
    return Group(*lines)


def _value(estimate: Estimate, good: float) -> Text:
    shown = words.percent(estimate.value)
    return Text(shown, "dim" if estimate.value is None else _style(estimate.value, good))


def _interval(estimate: Estimate) -> Text:
    return Text(words.interval(estimate), "dim")


def _percent_text(estimate: Estimate) -> Text:
    if estimate.value is None:
        return Text("no data", "yellow")
    return Text.assemble(
        (words.percent(estimate.value), f"bold {_style(estimate.value)}"), " ", _interval(estimate)
    )


def _bar(estimate: Estimate, good: float) -> Text:
    """The rate as a bar, with its interval as the lighter part around its end."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return Text()
    low, high = round(estimate.low * _BAR), round(estimate.high * _BAR)
    return Text.assemble(
        ("█" * low, _style(estimate.value, good)),
        ("▒" * (high - low), "dim"),
        ("·" * (_BAR - high), "dim"),
    )


def _style(rate: float, good: float = 1.0) -> str:
    distance = abs(rate - good)
    return "green" if distance <= FINE else "yellow" if distance <= BEARABLE else "red"


def _first_failures(summary: Summary, width: int) -> RenderableType:
    """Where the failures began, and the cases behind each number; they add up to all failures."""
    rows = [
        (name, share, words.behind(summary.first_failed[name]))
        for name, share in summary.attribution.items()
    ]
    return _rates("Failed first at", rows, width, good=0.0, notes="dim")


def _operations(summary: Summary) -> RenderableType:
    abstained = words.of(summary.abstentions, "abstention")
    counted = f"{abstained} and {words.of(summary.grader_failures, 'grader failure')} counted apart"
    return Group(Text(), Text(" · ".join([*words.operations(summary.operations), counted]), "dim"))


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
    colour = "dim" if attempt.trace.error is None else "red"
    for reason in words.reasons(attempt):
        shown = one_line(reason.words, 300)
        lines.append(Text.assemble("  ", (f"{printable(reason.speaks_for)}: ", colour), shown))
    return Group(*lines)


def _next_step(run: Run) -> str:
    if run.summary.failures:
        case = one_line(shlex.quote(run.summary.failures[0].case.id), 200)
        return f"regrade show {run.header.run_id} {case}"
    return f"regrade show {run.header.run_id}"
