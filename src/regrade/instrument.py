"""Steps of an application, named where they happen: OpenTelemetry spans, in evaluation and in
production alike.

    @regrade.component("retrieve", kind="retrieval")
    def retrieve(question): …

    with regrade.span("rank", kind="reranker") as step:
        step.output(documents)

Only the OpenTelemetry API is used: where no provider is set up, and no run is recording, a span
costs next to nothing and goes nowhere.
"""

import functools
import inspect
import json
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from opentelemetry import context as otel_context, trace
from opentelemetry.trace import Status, StatusCode

from regrade.domain import SPAN_KINDS, Document, SpanKind, as_json
from regrade.domain.errors import NotJsonError

F = TypeVar("F", bound=Callable[..., Any])

KIND, INPUT, OUTPUT, DOCUMENTS = (
    "regrade.kind",
    "regrade.input",
    "regrade.output",
    "regrade.documents",
)
"""The attributes that these spans have; the last three hold JSON."""
MOST_CHARACTERS = 200_000
"""Characters of one attribute; longer values are left out and the span says so."""
TRUNCATED = "regrade.truncated"
_TRACER = "regrade"
_STANDING_IN = otel_context.create_key("regrade-standing-in")
_decorated: set[tuple[str, SpanKind]] = set()


class Step:
    """A span that is open."""

    def __init__(self, span: trace.Span) -> None:
        """Take the span of OpenTelemetry."""
        self._span = span

    def input(self, value: object) -> None:
        """Record what the step was given."""
        self._record(INPUT, value)

    def output(self, value: object) -> None:
        """Record what the step gave."""
        self._record(OUTPUT, value)

    def documents(self, found: Sequence[Document | Mapping[str, Any]]) -> None:
        """Record the documents that were found, in rank order."""
        self._record(DOCUMENTS, list(found))

    def attribute(self, name: str, value: str | float) -> None:
        """Record anything else."""
        self._span.set_attribute(name, value)

    def _record(self, name: str, value: object) -> None:
        if not self._span.is_recording():
            return
        try:
            text = json.dumps(as_json(value), ensure_ascii=False)
        except NotJsonError:
            text = json.dumps(repr(value)[:1000], ensure_ascii=False)
        if len(text) > MOST_CHARACTERS:
            self._span.set_attribute(TRUNCATED, True)
            return
        self._span.set_attribute(name, text)


@contextmanager
def span(name: str, *, kind: SpanKind = "span") -> Iterator[Step]:
    """Open a span around a piece of work; an exception is recorded and goes on.

    Raises: ValueError for a kind that there is not.
    """
    _check_kind(kind)
    tracer = trace.get_tracer(_TRACER)
    with tracer.start_as_current_span(
        name, attributes={KIND: kind}, record_exception=True
    ) as opened:
        yield Step(opened)


def component(name: str, *, kind: SpanKind = "span") -> Callable[[F], F]:
    """Make every call of a function a span, with its arguments and what it returns.

    Plain and async functions and generators; of a generator the output is the list of what it
    yielded. Documents that a function of the kind `retrieval` or `reranker` returns are recorded as
    such.
    Raises: ValueError for a kind that there is not.
    """
    _check_kind(kind)
    _decorated.add((name, kind))

    def decorate(function: F) -> F:
        for is_so, wrap in _WRAPPERS:
            if is_so(function):
                return cast("F", functools.wraps(function)(wrap(function, name, kind)))
        return cast("F", functools.wraps(function)(_plain(function, name, kind)))

    return decorate


def decorated() -> frozenset[tuple[str, SpanKind]]:
    """Give the names and kinds of all functions that were made components in this process."""
    return frozenset(_decorated)


@contextmanager
def standing_in(value: Any, components: Collection[tuple[str, SpanKind]]) -> Iterator[None]:
    """Have decorated functions of these names and kinds return a value instead of being called,
    wherever the context of the block reaches. Generators yield its items.
    """
    token = otel_context.attach(
        otel_context.set_value(_STANDING_IN, (value, frozenset(components)))
    )
    try:
        yield
    finally:
        otel_context.detach(token)


def _stand_in(name: str, kind: SpanKind) -> tuple[Any] | None:
    """Give what stands in for a component in this context, in a tuple; None where nothing does."""
    found: Any = otel_context.get_value(_STANDING_IN)
    return (found[0],) if found is not None and (name, kind) in found[1] else None


async def _items_of(values: Any) -> AsyncIterator[Any]:
    for each in values:
        yield each


def _check_kind(kind: str) -> None:
    if kind not in SPAN_KINDS:
        raise ValueError(f"{kind!r} is no kind of span; there is: {', '.join(SPAN_KINDS)}")


def _plain(function: Callable[..., Any], name: str, kind: SpanKind) -> Callable[..., Any]:
    def call(*args: Any, **named: Any) -> Any:
        with span(name, kind=kind) as step:
            step.input(_given(function, args, named))
            gold = _stand_in(name, kind)
            return _recorded(step, kind, gold[0] if gold else function(*args, **named))

    return call


def _coroutine(function: Callable[..., Any], name: str, kind: SpanKind) -> Callable[..., Any]:
    async def call(*args: Any, **named: Any) -> Any:
        with span(name, kind=kind) as step:
            step.input(_given(function, args, named))
            gold = _stand_in(name, kind)
            return _recorded(step, kind, gold[0] if gold else await function(*args, **named))

    return call


def _generator(function: Callable[..., Any], name: str, kind: SpanKind) -> Callable[..., Any]:
    def call(*args: Any, **named: Any) -> Iterator[Any]:
        with _detached(name, kind) as (step, within):
            step.input(_given(function, args, named))
            gold = _stand_in(name, kind)
            given, items = [], iter(gold[0] if gold else function(*args, **named))
            while True:
                with within():
                    try:
                        item = next(items)
                    except StopIteration:
                        break
                given.append(item)
                yield item
            step.output(given)

    return call


def _async_generator(function: Callable[..., Any], name: str, kind: SpanKind) -> Callable[..., Any]:
    async def call(*args: Any, **named: Any) -> AsyncIterator[Any]:
        with _detached(name, kind) as (step, within):
            step.input(_given(function, args, named))
            gold = _stand_in(name, kind)
            items = aiter(_items_of(gold[0]) if gold else function(*args, **named))
            given = []
            while True:
                with within():
                    try:
                        item = await anext(items)
                    except StopAsyncIteration:
                        break
                given.append(item)
                yield item
            step.output(given)

    return call


@contextmanager
def _detached(name: str, kind: SpanKind) -> Iterator[tuple[Step, Callable[[], Any]]]:
    """Open a span that is current only while the generator itself runs, not between its items."""
    opened = trace.get_tracer(_TRACER).start_span(name, attributes={KIND: kind})
    try:
        yield Step(opened), lambda: trace.use_span(opened)
    except GeneratorExit:
        raise
    except BaseException as error:
        opened.record_exception(error)
        opened.set_status(Status(StatusCode.ERROR, f"{type(error).__name__}: {error}"))
        raise
    finally:
        opened.end()


_WRAPPERS: tuple[tuple[Callable[[Any], bool], Callable[..., Callable[..., Any]]], ...] = (
    (inspect.isasyncgenfunction, _async_generator),
    (inspect.iscoroutinefunction, _coroutine),
    (inspect.isgeneratorfunction, _generator),
)


def _given(
    function: Callable[..., Any], args: tuple[Any, ...], named: dict[str, Any]
) -> dict[str, Any]:
    """Give the arguments by name; `self` and `cls` are left out."""
    try:
        bound = inspect.signature(function).bind(*args, **named).arguments
    except (TypeError, ValueError):
        return {"args": list(args), **named}
    return {key: value for key, value in bound.items() if key not in ("self", "cls")}


def _recorded(step: Step, kind: SpanKind, returned: Any) -> Any:
    step.output(returned)
    if kind in ("retrieval", "reranker") and isinstance(returned, list | tuple):
        step.documents(returned)
    return returned
