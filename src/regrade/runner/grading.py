"""Judge one trace with every grader: three outcomes, and a broken grader is none of them."""

import asyncio
import math
import traceback
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from regrade.domain import Case, Component, Grade, Grader, GraderFailure, GraderSpec, Json, Trace
from regrade.domain.errors import said_by

from .cache import CountingCache, grade_entry

GRADER_TIMEOUT_S = 60.0
"""Seconds that a costly grader may take on one trace."""
_TRACEBACK_LIMIT = 4000


@dataclass(frozen=True, slots=True)
class Judgement:
    """What all graders say of one trace."""

    grades: tuple[Grade, ...]
    """Judgements and abstentions."""
    failures: tuple[GraderFailure, ...]
    """Graders that could not judge."""


async def grade_trace(
    case: Case,
    trace: Trace,
    graders: Sequence[Grader],
    cache: CountingCache | None = None,
    components: Sequence[Component] = (),
) -> Judgement:
    """Judge one trace with every grader that covers the case; a grader that judges a component
    sees what that component did, where spans tell of it.
    """
    views = _Views(trace, components)
    grades: list[Grade] = []
    failures: list[GraderFailure] = []
    for grader in graders:
        if not grader.covers(case):
            continue
        spec = grader.spec
        seen = views.of(spec.component)
        if seen is None:
            absent = f"The component {spec.component} left no span in this attempt."
            grades.append(Grade.abstained(absent).by(spec))
            continue
        try:
            if seen.error is None and not spec.costly:
                grade = await grader.grade(case, seen)
            else:
                grade = await _grade(grader, spec, case, seen, cache)
            if type(grade) is not Grade or type(grade.passed) is not bool or not _is_plain(grade):
                grade = _checked(grade)
            grades.append(grade.by(spec))
        except Exception as error:  # noqa: BLE001  whatever a grader raises is data
            failures.append(_failure(spec, error))
    return Judgement(tuple(grades), tuple(failures))


class _Views:
    """A trace as its graders see it, each view made when it is first wanted."""

    def __init__(self, trace: Trace, components: Sequence[Component]) -> None:
        self._components = components if trace.spans else ()
        self._views: dict[str | None, Trace | None] = {None: trace}

    def of(self, name: str | None) -> Trace | None:
        """Give the trace of a component, or the whole one; None where the component left no span."""
        if name not in self._views:
            found = next((each for each in self._components if each.name == name), None)
            whole = self._views[None]
            self._views[name] = whole if found is None or whole is None else found.view(whole)
        return self._views[name]


async def _grade(
    grader: Grader, spec: GraderSpec, case: Case, trace: Trace, cache: CountingCache | None
) -> Grade:
    if trace.error is not None and not spec.reads_errors:
        return _no_answer(grader, case, trace)
    if not spec.costly:
        return await grader.grade(case, trace)
    if cache is None:
        return await _in_time(grader, case, trace)
    entry = grade_entry(case, trace, spec)
    if (known := cache.find(entry)) is not None:
        return _remembered(known)
    grade = await _in_time(grader, case, trace)
    cache.keep(replace(entry, value=_content(grade)))
    return grade


def _remembered(known: Mapping[str, Any]) -> Grade:
    """Give a grade out of the cache: what it cost then is not spent again."""
    details = known.get("details")
    if details is not None:
        details = {**details, "cost_usd": 0.0, "is_cached": True}
    return Grade(**{**known, "issues": tuple(known["issues"]), "details": details})


@asynccontextmanager
async def opened_models(graders: Sequence[Grader]) -> AsyncIterator[None]:
    """Hold the language models that graders ask, each once.

    Raises: TargetSetupError when a key is missing.
    """
    models = {id(model): model for g in graders for model in getattr(g, "asks", ())}
    async with AsyncExitStack() as stack:
        for model in models.values():
            await stack.enter_async_context(model.opened())
        yield


def cost_of(grades: Sequence[Grade]) -> float:
    """Give what grades cost now, in US dollars."""
    return sum(float(g.details.get("cost_usd") or 0.0) for g in grades if g.details)


def _is_plain(grade: Grade) -> bool:
    """Whether a grade has a reason and nothing else that could be wrong: by far the most."""
    return (
        type(grade.reason) is str
        and grade.score is None
        and grade.label is None
        and grade.expected is None
        and not grade.issues
        and grade.details is None
    )


def _checked(grade: object) -> Grade:
    """Refuse a grade that says what no grade can say: graders are also written by users.

    Raises: TypeError.
    """
    if not isinstance(grade, Grade):
        raise TypeError(f"the grader gave {type(grade).__name__} and not a Grade")
    passed: Any = grade.passed
    score: Any = grade.score
    texts: tuple[Any, ...] = (grade.reason, grade.label or "", grade.expected or "", *grade.issues)
    if not (passed is None or isinstance(passed, bool)):
        raise TypeError(f"`passed` is {passed!r}; it is True, False or None")
    if not (score is None or (isinstance(score, int | float) and math.isfinite(score))):
        raise TypeError(f"`score` is {score!r}; it is a finite number or None")
    if not all(isinstance(text, str) for text in texts):
        raise TypeError(f"`reason`, `label`, `expected` and `issues` are texts; they are {texts!r}")
    return grade


async def _in_time(grader: Grader, case: Case, trace: Trace) -> Grade:
    try:
        async with asyncio.timeout(GRADER_TIMEOUT_S):
            return await grader.grade(case, trace)
    except TimeoutError:
        raise TimeoutError(f"the grader gave no grade within {GRADER_TIMEOUT_S:g} s") from None


def _no_answer(grader: Grader, case: Case, trace: Trace) -> Grade:
    """A system that gave no answer has not met the criterion, unless there was nothing to meet."""
    if (lacking := grader.lacks(case)) is not None:
        return Grade.abstained(f"There is nothing to compare with: {lacking}.")
    said = f" ({trace.error.kind}: {trace.error.message})" if trace.error else ""
    return Grade(False, f"The system gave no answer{said}.")


def _content(grade: Grade) -> Json:
    names = ("passed", "reason", "score", "label", "issues", "expected", "details")
    return {name: getattr(grade, name) for name in names}


def _failure(spec: GraderSpec, error: Exception) -> GraderFailure:
    trace = "".join(traceback.format_exception(error))[-_TRACEBACK_LIMIT:]
    return GraderFailure(
        spec=spec, error_type=type(error).__name__, message=said_by(error), traceback=trace
    )
