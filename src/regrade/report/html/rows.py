"""The attempts as the page's script reads them: compact, and shortened so that the file stays
small.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from regrade.analysis.attribution import first_failure
from regrade.domain import NOT_CAPTURED, Attempt, Component, Grade, GraderSpec, Json, Run, as_text
from regrade.ingest.spans import depth_first
from regrade.report.plain import printable
from regrade.report.steps import grades_by_span

_Specs = dict[tuple[str, str, str, int], int]
"""Where graders stand in the page's table: by name, criterion, component, and whether required."""

MOST_BYTES = 12_000_000
"""What the attempts may take in the file."""
MOST_STEPS = 60
"""Steps of an attempt that are in the file."""
_LONGEST, _SHORTEST = 20_000, 160
_OUTCOMES = {"passed": 0, "failed": 1, "ungraded": 2}


@dataclass(frozen=True, slots=True)
class _Limits:
    """How much of each text is kept."""

    text: int
    reason: int
    keeps_passes: bool

    @classmethod
    def of(cls, attempts: int) -> "_Limits":
        each = MOST_BYTES // max(attempts, 1)
        text = min(_LONGEST, max(_SHORTEST, each // 4))
        return cls(text=text, reason=min(2000, max(_SHORTEST, each // 6)), keeps_passes=each > 4000)

    def halved(self) -> "_Limits":
        """Keep half as much: markup and other scripts take more bytes than letters."""
        return _Limits(
            text=max(_SHORTEST, self.text // 2),
            reason=max(_SHORTEST // 2, self.reason // 2),
            keeps_passes=False,
        )


def rows_json(run: Run) -> str:
    """Give the attempts as JSON that may stand in a script element."""
    limits = _Limits.of(len(run.attempts))
    specs: _Specs = {}
    components = run.header.suite.components
    order = {"failed": 0, "ungraded": 1, "passed": 2}
    worst = {(a.case.id, a.trial): at for at, a in enumerate(run.summary.failures)}
    attempts = sorted(
        run.attempts,
        key=lambda a: (order[a.outcome], worst.get((a.case.id, a.trial), 0), a.case.id, a.trial),
    )
    rows = [_row(attempt, components, specs, limits) for attempt in attempts]
    content: dict[str, Json] = {
        "run": run.header.run_id,
        "trials": run.header.trials,
        "graders": [list(key) for key in specs],
        "firsts": [printable(name) for name in run.summary.first_failed],
        "tags": {
            printable(tag): [printable(value) for value in values]
            for tag, values in run.summary.slices.items()
        },
        "rows": rows,
    }
    text = _for_script(content)
    while len(text) > MOST_BYTES and limits.text > _SHORTEST:
        limits = limits.halved()
        specs.clear()
        content["rows"] = [_row(attempt, components, specs, limits) for attempt in attempts]
        text = _for_script(content)
    return text


def _for_script(content: Json) -> str:
    """Write JSON in which nothing can end a script element."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    for unsafe in "<>&\u2028\u2029":
        text = text.replace(unsafe, f"\\u{ord(unsafe):04x}")
    return text


def is_shortened(run: Run) -> bool:
    """Whether texts of this run are likely to be cut."""
    return _Limits.of(len(run.attempts)).text < _LONGEST


def _row(
    attempt: Attempt, components: Sequence[Component], specs: _Specs, limits: _Limits
) -> list[Json]:
    trace, case = attempt.trace, attempt.case
    error = None
    if trace.error is not None:
        error = _cut(f"{trace.error.kind}: {trace.error.message}", limits.text)
    return [
        printable(case.id),
        attempt.trial,
        _OUTCOMES[attempt.outcome],
        int(case.critical),
        {printable(tag): printable(value) for tag, value in case.dimensions.items()},
        _cut(_shown(case.input), limits.text),
        _cut(_shown(trace.output), limits.text) if trace.is_captured else None,
        error,
        None if trace.latency_s is None else round(trace.latency_s, 4),
        None if trace.usage is None else trace.usage.cost_usd,
        [_grade(grade, specs, limits) for grade in attempt.grades if grade.spec],
        [
            [_place(failure.spec, specs), _cut(f"{failure.error_type}: {failure.message}", 300)]
            for failure in attempt.failures
        ],
        _further(attempt, limits),
        _steps(attempt, components, limits),
        _first(attempt, components),
    ]


def _first(attempt: Attempt, components: Sequence[Component]) -> str | None:
    """Name the component that failed first."""
    name = first_failure(attempt, components) if components else None
    return None if name is None else printable(name)


def _grade(grade: Grade, specs: _Specs, limits: _Limits) -> list[Json]:
    assert grade.spec is not None, "told apart by the caller"
    passed = None if grade.passed is None else int(grade.passed)
    row: list[Json] = [_place(grade.spec, specs), passed]
    if limits.keeps_passes or not grade.passed:
        row.append(_cut(grade.reason, limits.reason))
        if grade.issues and limits.keeps_passes:
            row.append([_cut(issue, 200) for issue in grade.issues[:20]])
    return row


def _place(spec: GraderSpec, specs: _Specs) -> int:
    key = (
        printable(spec.name),
        printable(spec.criterion or ""),
        printable(spec.component or ""),
        int(spec.required),
    )
    return specs.setdefault(key, len(specs))


def _further(attempt: Attempt, limits: _Limits) -> dict[str, str]:
    """What else is known of an attempt, where there is room for it."""
    if not limits.keeps_passes:
        return {}
    case, trace = attempt.case, attempt.trace
    found: dict[str, Json] = {"context": case.context, "expected": dict(case.expected)}
    if trace.retrieved is not None:
        found["retrieved"] = [document.id or document.text for document in trace.retrieved]
    if trace.tool_calls is not None:
        found["tool calls"] = [f"{c.name}({_compact(c.arguments)})" for c in trace.tool_calls]
    return {name: _cut(_shown(value), limits.text) for name, value in found.items() if value}


def _steps(attempt: Attempt, components: Sequence[Component], limits: _Limits) -> list[list[Json]]:
    """The steps as a tree is read: depth, name, kind, start, duration, error, input, output, and the
    places of the grades that judge it.
    """
    if not limits.keeps_passes:
        return []
    found = depth_first(attempt.trace.spans)[:MOST_STEPS]
    signed = [at for at, grade in enumerate(attempt.grades) if grade.spec]
    places = {at: place for place, at in enumerate(signed)}
    judged = grades_by_span(attempt, components)
    text = limits.text // 8
    return [
        [
            depth,
            printable(span.name),
            span.kind,
            round(span.start_s, 6),
            None if span.duration_s is None else round(span.duration_s, 6),
            None if span.error is None else _cut(span.error, 300),
            None if span.input is NOT_CAPTURED else _cut(_shown(span.input), text),
            None if span.output is NOT_CAPTURED else _cut(_shown(span.output), text),
            [places[at] for at in judged.get(span.span_id, ())],
        ]
        for depth, span in found
    ]


def _compact(value: Json) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _shown(value: Json) -> str:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "\n".join(value)
    return as_text(value)


def _cut(text: str, limit: int) -> str:
    shown = printable(text[: limit + 1])
    return shown if len(text) <= limit else shown[:limit] + "…"
