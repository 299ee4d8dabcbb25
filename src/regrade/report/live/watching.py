"""What a monitor says on the terminal: rates, what it would have said, versions compared, alerts, loops."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table
from rich.text import Text

from regrade.domain.live import Alert
from regrade.domain.live.findings import (
    Backtest,
    Canary,
    ClosedLoop,
    Delay,
    LiveFailures,
    MonitorEstimates,
    SeriesEstimate,
)
from regrade.report.plain import one_line, printable
from regrade.report.words import of

from .alert import alert_text, alert_title

FEW_MISSING = 0.98
"""The share of verdicts from which missing ones are not spoken of."""
MOST_ROWS = 40
"""Rates that are printed of one monitor."""


def print_estimates(found: MonitorEstimates, console: Console) -> None:
    """Print the rates of a monitor, with intervals that hold at every look, and what they are held against."""
    console.print(
        Text(
            f"  since {moment(found.since_ms)}, next tick {moment(found.next_ms)}; {found.detectors} detectors share "
            f"one false alarm in {found.years:g} years"
        )
    )
    if not found.rates:
        return
    table = Table(box=None, padding=(0, 2), show_header=True, header_style="dim")
    for name in ("rate", "where", "value", "interval", "n", "tolerated", "evidence"):
        table.add_column(
            name, justify="right" if name in ("value", "n", "tolerated", "evidence") else "left"
        )
    for each in found.rates[:MOST_ROWS]:
        held = (
            "learning"
            if each.is_learning
            else ""
            if each.tolerated is None
            else f"{each.tolerated:.1%}"
        )
        table.add_row(
            Text(one_line(each.series.key, 40)),
            Text(one_line(each.series.slice, 30) or "all"),
            Text(f"{each.value:.1%}", "red" if each.is_low else ""),
            f"[{each.low:.1%}, {each.high:.1%}]",
            f"{each.n:,}",
            held,
            _evidence(each, found.threshold),
        )
    console.print(table)
    if len(found.rates) > MOST_ROWS:
        console.print(f"  and {len(found.rates) - MOST_ROWS} more")
    judged = next((e for e in found.rates if e.series.key == "judged" and not e.series.slice), None)
    if judged is not None and judged.value < FEW_MISSING:
        console.print(
            f"  graders could not judge {1 - judged.value:.1%} of the traces: if they fail where answers do, a rate "
            "may be lower by as much",
            soft_wrap=True,
        )
    if found.late:
        console.print(f"  {found.late:,} results came after their tick was closed")


def _evidence(each: SeriesEstimate, threshold: float) -> Text:
    if each.alert is not None:
        return Text(f"alert {each.alert}", "red")
    return Text("" if each.evidence is None else f"{each.evidence / threshold:.1%}", "dim")


def print_alerts(alerts: Sequence[Alert], console: Console) -> None:
    """List alerts, a line each."""
    for each in alerts:
        colour = {"open": "red", "acknowledged": "yellow"}.get(each.state, "green")
        console.print(
            Text.assemble(
                (f"{each.alert:>4}", "bold"),
                "  ",
                (f"{each.state:<12}", colour),
                f"  {each.opened_at:%Y-%m-%d %H:%M}  {alert_title(each)}",
            ),
            soft_wrap=True,
        )


def print_alert(alert: Alert, years: float, console: Console) -> None:
    """Print an alert with its evidence."""
    console.print(Text(alert_text(alert, years=years)), soft_wrap=True)


def print_backtest(found: Backtest, console: Console) -> None:
    """Print what a monitor would have said."""
    console.print(
        f"{moment(found.since_ms)} to {moment(found.until_ms)}: {found.ticks:,} ticks, "
        f"{of(len(found.said), 'alert')}; at most {found.pages_a_year:.2g} false ones a year"
    )
    for each in found.said:
        rate = each.passed / each.n if each.n else 0.0
        console.print(
            Text(
                printable(
                    f"  {moment(each.at_ms)}  {each.series.words} at {rate:.1%} of {each.n:,} since "
                    f"{moment(each.began_ms)}, tolerated {each.tolerated:.1%}"
                )
            ),
            soft_wrap=True,
        )
    table = Table(box=None, padding=(0, 2), header_style="dim")
    for name in ("rate", "where", "value", "tolerated", "a tick", "−3 points", "−5", "−10"):
        table.add_column(name, justify="left" if name in ("rate", "where") else "right")
    for test in found.series:
        seen = [_delay(each) for each in test.delays] or ["–"] * 3
        held = "too short" if test.tolerated is None else f"{test.tolerated:.1%}"
        table.add_row(
            Text(one_line(test.series.words, 44)),
            f"{test.rate:.1%}",
            held,
            f"{test.per_tick:,.1f}",
            *seen,
        )
    console.print(table)
    console.print("  time until half (nine of ten) of such drops are seen", style="dim")


def _delay(delay: Delay) -> str:
    if delay.median_s is None:
        return "not seen"
    return f"{span(delay.median_s)} ({span(delay.p90_s)})"


def print_canary(found: Canary, base: str, candidate: str, console: Console) -> None:
    """Print a comparison of two live versions."""
    console.print(Text(printable(f"{found.verdict}: {candidate} beside {base}"), "bold"))
    for row in found.rows:
        (p, n), (q, m) = row.base, row.candidate
        rates = f"{p / n:.1%} of {n:,}" if n else "nothing"
        other = f"{q / m:.1%} of {m:,}" if m else "nothing"
        words = (
            f"  {row.series.words}: {rates}, now {other}; evidence for worse {row.worse:.3g}, for not worse by "
            f"{found.margin:.1%} {row.not_worse:.3g}"
        )
        console.print(Text(printable(words)), soft_wrap=True)


def print_failures(found: LiveFailures, console: Console) -> None:
    """Print groups of failing traces, those that explain most first."""
    if not found.groups:
        console.print("no trace failed, and none was disliked")
        return
    console.print(
        f"{found.traces:,} failing or disliked traces in {of(len(found.groups), 'group')}"
    )
    for group in found.groups[:MOST_ROWS]:
        words = f"  {group.share:>6.1%}  {len(group.traces):>5,}  {', '.join(group.terms)}  such as {group.traces[0]}"
        console.print(Text(printable(words)), soft_wrap=True)
    if found.unseen is not None:
        console.print(f"  the next failure is of a new kind with a chance of {found.unseen:.1%}")


def print_loops(loops: Sequence[ClosedLoop], console: Console) -> None:
    """Print for each alert its cases, and whether later runs pass them."""
    if not loops:
        console.print("no alert yet, and no trace that was promoted")
    for each in loops:
        title = (
            "promoted without an alert"
            if each.alert is None
            else f"alert {each.alert.alert}, {each.alert.state}: {alert_title(each.alert)}"
        )
        sign = ("✓", "green") if each.is_closed else ("○", "yellow")
        console.print(Text.assemble(sign, f" {title}"), soft_wrap=True)
        if not each.cases and each.alert is not None and "told_with" in each.alert.evidence:
            console.print(f"    told with alert {each.alert.evidence['told_with']}")
            continue
        if not each.cases:
            console.print("    no case came of it yet: `regrade promote --alert` makes some")
            continue
        console.print(
            f"    {of(len(each.cases), 'case')}: {', '.join(each.cases[:4])}{' …' if len(each.cases) > 4 else ''}"
        )
        for run in each.runs:
            name = run.label or run.run_id
            console.print(
                Text(
                    printable(
                        f"    {run.started_at:%Y-%m-%d %H:%M}  {name}: {run.passed} of {run.judged} pass"
                    )
                )
            )
        if not each.runs:
            console.print("    no run has judged them yet")


def moment(ms: int) -> str:
    """Give a moment in words."""
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M}"


def span(seconds: float | None) -> str:
    """Give a span of time in the unit that fits."""
    if seconds is None:
        return "later"
    for unit, size in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
