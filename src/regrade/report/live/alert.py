"""An alert in words: what fell, since when, how sure that is, what explains it, where to look."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from regrade.domain.live import Alert
from regrade.report.plain import one_line, printable

_NO_RATE = {"lag": "work waits too long", "no_traffic": "no traffic comes"}
_CALLED = {
    "latency": "the share of traces that end in time",
    "cost": "the share of traces within their cost",
    "judged": "the share of verdicts that graders could give",
    "coverage": "the share of chosen traces that were graded",
    "volume": "traffic is not as usual",
    "pass": "the pass rate",
}


def alert_title(alert: Alert) -> str:
    """Say in one line what happened, and where."""
    about = _named(alert.series)
    evidence = alert.evidence
    if alert.series in _NO_RATE or alert.series == "volume":
        said = about
    else:
        after, before = evidence.get("after"), evidence.get("before")
        told = evidence.get("explained_by")
        if told:
            part = _part(evidence, str(told["slice"]))
            before, after = part.get("before") or before, part.get("after") or after
        said = f"{about} fell"
        if before and after:
            said += f" from {before['value']:.1%} to {after['value']:.1%}"
        elif after:
            said = f"{about} is at {after['value']:.1%}"
        if told:
            said += f" where {_slice(str(told['slice']))}"
        component = evidence.get("component")
        if component and not alert.series.startswith("component:"):
            said += f", at {component['name']}"
    if alert.state == "recovered":
        said = f"over: {said}"
    return one_line(printable(f"{alert.monitor}: {said}"), 200)


def _named(key: str) -> str:
    if key in _NO_RATE:
        return _NO_RATE[key]
    kind, _, name = key.partition(":")
    if kind == "category":
        return f"traces without “{name}”"
    if kind == "judge":
        return f"what {name} says again of labelled answers"
    return _CALLED.get(key, f"{kind} {name}")


def _slice(part: str) -> str:
    name, _, value = part.partition("=")
    return f"{name} is {value}"


def _part(evidence: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    """Give what is known of a slice."""
    for each in evidence.get("where", ()):
        if part in each["parts"]:
            found: Mapping[str, Any] = each["parts"][part]
            return found
    known: Mapping[str, Any] = evidence.get("slices", {}).get(part, {})
    return known


def alert_lines(alert: Alert, *, years: float = 10.0, address: str = "") -> Iterator[str]:
    """Tell an alert line by line, without markup."""
    evidence = alert.evidence
    if alert.state == "recovered" and alert.ended_at is not None:
        yield f"It is over since {_moment(alert.ended_at)}; it began at {_moment(alert.since)}."
        return
    yield f"It began at {_moment(alert.since)}, most likely; raised at {_moment(alert.opened_at)}."
    yield from _plain_facts(alert)
    before, after = evidence.get("before"), evidence.get("after")
    if before or after:
        yield f"All traffic: {_rate(before)} before, {_rate(after)} since."
    yield from _where(evidence)
    if evidence.get("also"):
        yield f"Fell at the same time: {', '.join(_named(each) for each in evidence['also'])}."
    component = evidence.get("component")
    if component and component.get("after") is not None:
        yield (
            f"Failures begin at the component {component['name']}: in {component['before']:.1%} of the traces before, "
            f"in {component['after']:.1%} since."
        )
    elif component:
        yield f"It is the component {component['name']} itself."
    yield from _categories(evidence)
    yield from _near(evidence)
    yield from _judges(evidence)
    yield from _certainty(evidence, years)
    yield from _traces(evidence, address)


def _plain_facts(alert: Alert) -> Iterator[str]:
    for each in alert.evidence.get("slices", {}).values():
        if alert.series == "lag":
            yield f"The oldest work waits for {each['seconds']:,.0f} s; {each['most']:,.0f} s are allowed."
        elif alert.series == "no_traffic":
            yield f"The last trace came {each['seconds']:,.0f} s ago; {each['most']:,.0f} s are allowed."


def _where(evidence: Mapping[str, Any]) -> Iterator[str]:
    told = evidence.get("explained_by")
    if told:
        part = _part(evidence, str(told["slice"]))
        share = (
            ""
            if told.get("part") is None
            else f", which explains {min(1.0, told['part']):.0%} of it"
        )
        yield (
            f"Where {_slice(str(told['slice']))}: {_rate(part.get('before'))} before, {_rate(part.get('after'))} "
            f"since{share}."
        )
    for each in evidence.get("where", ())[:1]:
        change = each["change"]
        if change < 0 and abs(each["mix"]) > 0.001:
            yield f"Of the change by {each['tag']}, {each['mix']:+.1%} comes of other traffic, the rest of quality."


def _categories(evidence: Mapping[str, Any]) -> Iterator[str]:
    grown = [e for e in evidence.get("categories", ()) if e["after"] > e["before"]][:3]
    if grown:
        said = (
            f"{e['name']} ({'new' if e['is_new'] else format(e['before'], '.1%')} → {e['after']:.1%})"
            for e in grown
        )
        yield f"Failures that grew: {'; '.join(said)}."


def _near(evidence: Mapping[str, Any]) -> Iterator[str]:
    near = evidence.get("releases", ())[:3]
    if near:
        said = (
            f"{e['version']} of {e['service'] or 'the application'} at {_moment(_at(e['at_ms']))}"
            for e in near
        )
        yield f"Releases near: {'; '.join(said)}."


def _judges(evidence: Mapping[str, Any]) -> Iterator[str]:
    if evidence.get("judge"):
        names = ", ".join(str(each).partition(":")[2] for each in evidence["judge"])
        yield f"What {names} says of labelled answers changed, too: it may be the judge, and not the application."


def _certainty(evidence: Mapping[str, Any], years: float) -> Iterator[str]:
    for part, each in sorted(evidence.get("slices", {}).items()):
        if "evidence" not in each:
            continue
        where = f" where {_slice(part)}" if part else ""
        base, total = each["baseline"]
        held = f"tolerated {each['tolerated']:.1%}"
        if total:
            held += f", the lower bound of {base:,} of {total:,} less the tolerance"
        yield (
            f"Evidence{where}: {each['evidence']:.3g} against a threshold of {each['threshold']:.3g} ({held}): "
            f"at most one false alarm in {years:g} years in the whole project, on average."
        )


def _traces(evidence: Mapping[str, Any], address: str) -> Iterator[str]:
    for name in ("worst", "typical"):
        ids = evidence.get(name, ())
        if ids:
            places = (f"{address}/api/v1/traces/{each}" if address else each for each in ids[:3])
            yield f"{name.capitalize()} traces: {', '.join(places)}"


def _rate(rate: Mapping[str, Any] | None) -> str:
    if rate is None:
        return "nothing"
    return f"{rate['value']:.1%} [{rate['low']:.1%}, {rate['high']:.1%}] of {rate['n']:,}"


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def alert_text(alert: Alert, *, years: float = 10.0, address: str = "") -> str:
    """Tell an alert in plain text: no control characters, whatever models or users wrote."""
    lines = (one_line(line, 1000) for line in alert_lines(alert, years=years, address=address))
    return "\n".join([alert_title(alert), "", *lines])
