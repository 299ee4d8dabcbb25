"""What an alert knows of itself: rates before and after, what explains the change, traces to look at."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from regrade.domain import Json
from regrade.domain.live import Alert, Series, series_of
from regrade.online.live_traces import put_together
from regrade.online.watching import Watched
from regrade.stats.attribution import kitagawa
from regrade.stats.sequential.confidence import beta_binomial_cs
from regrade.store import Store

from .tallying import counted

Count = tuple[int, int]
MOST_TRACES = 5
"""Traces of a kind that are named."""
MOST_LOOKED_AT = 60
"""Failing traces that are looked at for them."""
MOST_ROWS = 8
"""Slices, components and categories that are named."""
TELLING = 0.5
"""The part of a change from which one slice is said to explain most of it."""
RELEASES_WITHIN = 3
"""Times the span since the beginning in which a release counts as near, at least a day."""
DAY_MS = 86_400_000
WHOLE = ""


def evidence_of(store: Store, alert: Alert, found: Watched, now_ms: int) -> dict[str, Json]:
    """Gather what is known of an alert that was just raised."""
    watch = found.monitor.watch
    assert watch is not None, "it raised an alert"
    since = round(alert.since.timestamp() * 1000)
    tallies, key = store.live.tallies, alert.series
    over = round(watch.over_s * 1000)
    before = tallies.sums(alert.project, alert.monitor, since - over, since)
    after = tallies.sums(alert.project, alert.monitor, since)
    slices = {part: dict(each) for part, each in alert.evidence.get("slices", {}).items()}
    for part, each in slices.items():
        series = series_of(key, part)
        each["before"] = _rate(counted(before, series))
        each["after"] = _rate(counted(after, series))
    where = _where(before, after, key)
    told = _told(slices, where)
    component = _component(before, after, key, told)
    traces = _traces(store, alert, told, since)
    return {
        **alert.evidence,
        "slices": slices,
        "before": _rate(counted(before, series_of(key))),
        "after": _rate(counted(after, series_of(key))),
        "where": where,
        "explained_by": told,
        "component": component,
        "categories": _categories(before, after, told),
        "releases": _releases(store, alert.project, since, now_ms),
        **traces,
        "judge": _judge(store, alert),
    }


def _rate(count: Count) -> Json:
    passed, total = count
    if not total:
        return None
    low, high = beta_binomial_cs(passed, total)
    return {"value": passed / total, "low": low, "high": high, "n": total}


def _where(before: Mapping[Series, Count], after: Mapping[Series, Count], key: str) -> list[Json]:
    """Split the change by every tag: what came of parts that got worse, and what of more or fewer of them."""
    by_tag: defaultdict[str, set[str]] = defaultdict(set)
    for series in (*before, *after):
        if series.key == key and series.slice:
            by_tag[series.slice.partition("=")[0]].add(series.slice)
    found: list[Json] = []
    for tag, parts in by_tag.items():
        names = sorted(parts)
        a = [counted(before, series_of(key, part)) for part in names]
        b = [counted(after, series_of(key, part)) for part in names]
        if not sum(n for _, n in a) or not sum(n for _, n in b):
            continue
        split = kitagawa(_shares(names, a), _rates(names, a), _shares(names, b), _rates(names, b))
        change = sum(split.rate.values()) + sum(split.mix.values())
        worst = min(names, key=lambda part, split=split: split.rate[part])  # type: ignore[misc]  # bound now
        found.append(
            {
                "tag": tag,
                "change": change,
                "mix": sum(split.mix.values()),
                "worst": worst,
                "worst_part": split.rate[worst],
                "parts": {
                    part: {
                        "before": _rate(x),
                        "after": _rate(y),
                        "quality": split.rate[part],
                        "mix": split.mix[part],
                    }
                    for part, x, y in sorted(
                        zip(names, a, b, strict=True), key=lambda each, s=split: s.rate[each[0]]  # type: ignore[misc]
                    )[:MOST_ROWS]
                },
            }
        )  # fmt: skip
    return sorted(found, key=lambda each: each["worst_part"])


def _shares(names: Sequence[str], counts: Sequence[Count]) -> dict[str, float]:
    total = sum(n for _, n in counts)
    return {name: n / total for name, (_, n) in zip(names, counts, strict=True)}


def _rates(names: Sequence[str], counts: Sequence[Count]) -> dict[str, float]:
    return {name: p / n if n else 0.0 for name, (p, n) in zip(names, counts, strict=True)}


def _told(slices: Mapping[str, Json], where: Sequence[Json]) -> Json:
    """Name the part of the traffic that explains most of the change; None where it is everywhere."""
    for each in where:
        change = min(each["change"], -1e-9)
        if each["worst_part"] / change >= TELLING and len(each["parts"]) > 1:
            return {"slice": each["worst"], "part": each["worst_part"] / change}
    alarmed = [part for part in slices if part]
    if alarmed and WHOLE not in slices:
        best = max(alarmed, key=lambda part: slices[part].get("evidence", 0.0))
        return {"slice": best, "part": None}
    return None


def _part(told: Json) -> str:
    return WHOLE if told is None else str(told["slice"])


def _component(
    before: Mapping[Series, Count], after: Mapping[Series, Count], key: str, told: Json
) -> Json:
    """Name the component that failures begin at more often than before, in what explains the change."""
    if key.startswith("component:"):
        return {"name": key.partition(":")[2], "before": None, "after": None}
    part = _part(told)
    found = []
    for name in {s.name for s in (*before, *after) if s.kind == "first" and s.slice == part}:
        series = Series(kind="first", name=name, slice=part)
        a, b = counted(before, series), counted(after, series)
        share_a = 1 - a[0] / a[1] if a[1] else 0.0
        share_b = 1 - b[0] / b[1] if b[1] else 0.0
        found.append((share_b - share_a, name, share_a, share_b))
    found.sort(reverse=True)
    if not found or found[0][0] <= 0 or found[0][1] == "none":
        return None
    _, name, share_a, share_b = found[0]
    return {"name": name, "before": share_a, "after": share_b}


def _categories(
    before: Mapping[Series, Count], after: Mapping[Series, Count], told: Json
) -> list[Json]:
    """Name the categories of failures that grew most."""
    part = _part(told)
    found: list[dict[str, Any]] = []
    for name in {s.name for s in after if s.kind == "category" and s.slice == part}:
        series = Series(kind="category", name=name, slice=part)
        a, b = counted(before, series), counted(after, series)
        share_a = 1 - a[0] / a[1] if a[1] else 0.0
        share_b = 1 - b[0] / b[1] if b[1] else 0.0
        found.append({"name": name, "before": share_a, "after": share_b, "is_new": a[0] == a[1]})
    return sorted(found, key=lambda each: each["before"] - each["after"])[:MOST_ROWS]


def _releases(store: Store, project: int, since: int, now_ms: int) -> list[Json]:
    """Name the releases near the beginning."""
    near = max(DAY_MS, RELEASES_WITHIN * (now_ms - since))
    return [
        {"at_ms": at, "service": service, "version": version}
        for at, service, version in store.live.alerts.releases(project)
        if since - near <= at <= now_ms
    ][:MOST_ROWS]


def _traces(store: Store, alert: Alert, told: Json, since: int) -> dict[str, Json]:
    """Name the worst and the most typical of the failing traces."""
    kind, _, name = alert.series.partition(":")
    failing = store.live.decisions.failing(
        alert.project, alert.monitor, since_ms=since, limit=MOST_LOOKED_AT * 8
    )
    by_trace: defaultdict[tuple[int, str], list[Json]] = defaultdict(list)
    for trace, trace_id, document in failing:
        by_trace[trace, trace_id].append(document)
    concerned = {
        each: documents
        for each, documents in by_trace.items()
        if kind not in ("criterion", "component", "grader")
        or any(document.get(_FIELDS[kind]) == name for document in documents)
    }
    some = [*concerned][:MOST_LOOKED_AT]
    if (part := _part(told)) and some:
        tag, _, value = part.partition("=")
        wholes = put_together(store, dict(some))
        some = [
            each for each in some
            if (whole := wholes[each[0]]) is not None and whole.tag(tag) == value
        ]  # fmt: skip
    kinds = {each: _kind(concerned[each]) for each in some}
    common = Counter(kinds.values()).most_common(1)
    return {
        "worst": [t for _, t in sorted(some, key=lambda e: -len(concerned[e]))[:MOST_TRACES]],
        "typical": [
            trace_id for (_, trace_id), each in kinds.items() if common and each == common[0][0]
        ][:MOST_TRACES],
    }


_FIELDS = {"criterion": "criterion", "component": "component", "grader": "name"}


def _kind(documents: Sequence[Json]) -> tuple[str, ...]:
    return tuple(sorted({f"{each['name']}: {each.get('label') or ''}" for each in documents}))


def _judge(store: Store, alert: Alert) -> Json:
    """Name judges whose verdicts on labelled answers changed: then the change may be theirs."""
    return sorted(
        series for series in store.live.alerts.standing(alert.project, alert.monitor) if series.startswith("judge:")
    )  # fmt: skip
