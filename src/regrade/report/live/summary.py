"""A period of live traffic, as Markdown and as a page that mail programs show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import jinja2

from regrade.domain.live import Alert
from regrade.report.markdown import escaped
from regrade.report.plain import printable

from .alert import alert_title

Rate = tuple[float, float, float, int]
"""A rate, the ends of its interval, and observations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryRow:
    """One series."""

    name: str
    """What it is."""
    slice: str
    """Of which part of the traffic; empty for all."""
    now: Rate | None
    """In the period."""
    before: Rate | None
    """In the one before."""

    @property
    def is_change(self) -> bool:
        """Whether the intervals of both periods do not meet."""
        if self.now is None or self.before is None:
            return False
        return self.now[2] < self.before[1] or self.now[1] > self.before[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorSummary:
    """What a monitor counted."""

    name: str
    """The monitor."""
    rows: Sequence[SummaryRow]
    """Its series."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A period of live traffic."""

    since: datetime
    """Its beginning."""
    until: datetime
    """Its end."""
    traces: int
    """Traces that began in it."""
    traces_before: int
    """And in the one before."""
    latency_p50_ms: float | None
    """The median duration."""
    latency_p95_ms: float | None
    """The 95th percentile."""
    latency_p95_before_ms: float | None
    """The same of the period before."""
    cost_usd: float | None
    """What all of them cost."""
    cost_before_usd: float | None
    """The same of the period before."""
    thumbs: Rate | None
    """Thumbs up, of all thumbs."""
    monitors: Sequence[MonitorSummary]
    """What was graded."""
    alerts: Sequence[Alert]
    """Alerts that were raised."""
    open_alerts: int
    """Alerts that are not over now."""
    releases: Sequence[tuple[datetime, str, str]]
    """When which version of which service came first."""


def summary_title(found: Summary) -> str:
    """Say in one line what is most worth knowing."""
    changed = sum(row.is_change for each in found.monitors for row in each.rows if not row.slice)
    alerts = len(found.alerts)
    return (
        f"{_period(found)}: {_of(found.traces, 'trace')}, {_of(alerts, 'alert')}, "
        f"{_of(changed, 'rate')} changed"
    )


def _period(found: Summary) -> str:
    days = (found.until - found.since).days
    if days == 1:
        return f"{found.since:%Y-%m-%d}"
    return f"{found.since:%Y-%m-%d} to {found.until:%Y-%m-%d}"


def summary_markdown(found: Summary) -> str:
    """Give the summary as Markdown."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Summary) -> Iterator[str]:
    yield f"# {summary_title(found)}"
    yield ""
    for name, value in _facts(found):
        yield f"- {name}: {value}"
    for each in found.monitors:
        if not each.rows:
            continue
        yield ""
        yield f"## {escaped(each.name)}"
        yield ""
        yield "| | where | rate | before | |"
        yield "|---|---|---|---|---|"
        for row in each.rows:
            sign = "**changed**" if row.is_change else ""
            yield (
                f"| {escaped(row.name)} | {escaped(row.slice) or 'all'} | {rate_words(row.now)} | "
                f"{rate_words(row.before)} | {sign} |"
            )
    if found.alerts:
        yield ""
        yield "## Alerts"
        yield ""
        for alert in found.alerts:
            yield f"- {alert.opened_at:%Y-%m-%d %H:%M} UTC, {alert.state}: {escaped(alert_title(alert), 300)}"


def _facts(found: Summary) -> Iterator[tuple[str, str]]:
    yield "traces", f"{found.traces:,} ({found.traces_before:,} before)"
    if found.latency_p95_ms is not None and found.latency_p50_ms is not None:
        before = (
            ""
            if found.latency_p95_before_ms is None
            else f" ({found.latency_p95_before_ms:,.0f} before)"
        )
        yield (
            "latency",
            f"{found.latency_p50_ms:,.0f} ms in the middle, {found.latency_p95_ms:,.0f} ms at 95 %{before}",
        )
    if found.cost_usd is not None:
        before = "" if found.cost_before_usd is None else f" (${found.cost_before_usd:,.2f} before)"
        yield "cost", f"${found.cost_usd:,.2f}{before}"
    if found.thumbs is not None:
        yield "thumbs up", rate_words(found.thumbs)
    yield "alerts", f"{len(found.alerts)} raised, {found.open_alerts} not over now"
    for at, service, version in found.releases:
        yield (
            "release",
            f"{escaped(version)} of {escaped(service) or 'the application'}, {at:%Y-%m-%d %H:%M} UTC",
        )


def rate_words(rate: Rate | None) -> str:
    """Tell a rate with its interval and number."""
    if rate is None:
        return "–"
    value, low, high, n = rate
    return f"{value:.1%} [{low:.1%}, {high:.1%}] of {n:,}"


def _of(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<meta name="viewport" content="width=device-width"><title>{{ title }}</title></head>
<body style="font: 15px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 1.5rem auto; padding: 0 1rem">
<h1 style="font-size: 1.3rem">{{ title }}</h1>
<ul>{% for name, value in facts %}<li>{{ name }}: {{ value }}</li>{% endfor %}</ul>
{% for each in found.monitors if each.rows %}
<h2 style="font-size: 1.1rem">{{ each.name }}</h2>
<table style="border-collapse: collapse; width: 100%">
<tr>{% for head in ("", "where", "rate", "before") %}<th scope="col" style="text-align: left; padding: .2rem .5rem">{{ head }}</th>{% endfor %}</tr>
{% for row in each.rows %}<tr style="border-top: 1px solid #8884{{ '; font-weight: 600' if row.is_change }}">
<td style="padding: .2rem .5rem">{{ row.name }}</td><td style="padding: .2rem .5rem">{{ row.slice or "all" }}</td>
<td style="padding: .2rem .5rem">{{ words(row.now) }}{{ " · changed" if row.is_change }}</td>
<td style="padding: .2rem .5rem">{{ words(row.before) }}</td></tr>{% endfor %}
</table>{% endfor %}
{% if found.alerts %}<h2 style="font-size: 1.1rem">Alerts</h2><ul>
{% for alert in found.alerts %}<li>{{ alert.opened_at.strftime("%Y-%m-%d %H:%M") }} UTC, {{ alert.state }}: {{ titled(alert) }}</li>{% endfor %}
</ul>{% endif %}
</body></html>
"""  # noqa: E501  a page


def summary_html(found: Summary) -> str:
    """Give the summary as a page: styled in place, as mail programs want it, with nothing loaded."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    page = environment.from_string(_PAGE).render(
        title=summary_title(found),
        facts=[(name, value.replace("\\", "")) for name, value in _facts(found)],
        found=found,
        words=rate_words,
        titled=alert_title,
    )
    return printable(page)
