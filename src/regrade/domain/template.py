"""Templates: `{{ expected.answer }}`, read by dotted path and nothing else.

There are no filters, no calls and no expressions, so a template can be checked before a run and can
do no harm. A template that is one path alone gives the value itself; inside other text, values are
written as text.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import NoReturn

from .case import Case
from .documents import Json, as_text
from .errors import MissingPathError, NotJsonError
from .trace import Trace

_HOLE = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_PATH = re.compile(r"[A-Za-z_][\w-]*(?:\.[\w-]+|\[\d+\])*")
_STEP = re.compile(r"[\w-]+")


def _documents(trace: Trace) -> Json:
    if trace.retrieved is None:
        return None
    return [
        {"id": d.id, "text": d.text, "score": d.score, "metadata": dict(d.metadata)}
        for d in trace.retrieved
    ]


def _tool_calls(trace: Trace) -> Json:
    if trace.tool_calls is None:
        return None
    return [
        {"name": c.name, "arguments": c.arguments, "result": c.result, "error": c.error}
        for c in trace.tool_calls
    ]


def _usage(trace: Trace) -> Json:
    usage = trace.usage
    if usage is None:
        return None
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cost_usd": usage.cost_usd,
        "cached_tokens": usage.cached_tokens,
    }


_CASE_ROOTS: Mapping[str, Callable[[Case], Json]] = {
    "input": lambda case: case.input,
    "context": lambda case: case.context,
    "config": lambda case: case.config,
    "expected": lambda case: case.expected,
    "tags": lambda case: case.dimensions,
}
_TRACE_ROOTS: Mapping[str, Callable[[Trace], Json]] = {
    "output": lambda trace: trace.output,
    "output_json": lambda trace: trace.output_json,
    "retrieved": _documents,
    "tool_calls": _tool_calls,
    "usage": _usage,
}
ROOTS: tuple[str, ...] = (*_CASE_ROOTS, *_TRACE_ROOTS)
"""The names that a path may begin with."""


def paths_in(value: Json) -> Iterator[str]:
    """Give every path that the templates in a value name, nested ones included."""
    if isinstance(value, str):
        yield from _HOLE.findall(value)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from paths_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from paths_in(item)


@lru_cache(maxsize=1024)
def fault_in(path: str) -> str | None:
    """Say what is wrong with a path in itself, whatever it is read from; None when nothing is."""
    if not _PATH.fullmatch(path):
        return f"{path!r} is not a path; write names joined by dots, such as expected.answer"
    root = _STEP.findall(path)[0]
    if root not in ROOTS:
        return f"a path cannot begin with {root!r}; it begins with one of: {', '.join(ROOTS)}"
    return None


def is_of_case(path: str) -> bool:
    """Whether a path reads the case alone, so that it can be looked up before a run."""
    return bool(steps := _STEP.findall(path)) and steps[0] in _CASE_ROOTS


def read_path(path: str, case: Case, trace: Trace | None = None) -> Json:
    """Read what a dotted path names, such as `context.rows[0].store`.

    Raises: MissingPathError when there is no such thing (None counts as missing at the root).
    """
    if fault := fault_in(path):
        raise MissingPathError(fault)
    root, *steps = _steps(path)
    value = _root(root, path, case, trace)
    for step in steps:
        value = _step(value, step, path)
    return value


@lru_cache(maxsize=1024)
def _steps(path: str) -> tuple[str, ...]:
    return tuple(_STEP.findall(path))


def render(template: Json, case: Case, trace: Trace | None = None) -> Json:
    """Fill in every template in a value; a value without templates comes back as it is.

    Raises: MissingPathError.
    """
    if isinstance(template, str):
        return _render_text(template, case, trace) if "{{" in template else template
    if isinstance(template, list | tuple):
        return [
            each if type(each) is str and "{{" not in each else render(each, case, trace)
            for each in template
        ]
    if isinstance(template, Mapping):
        return {key: render(item, case, trace) for key, item in template.items()}
    return template


def _render_text(template: str, case: Case, trace: Trace | None) -> Json:
    if (path := _only_path(template)) is not None:
        return read_path(path, case, trace)
    return _HOLE.sub(lambda hole: as_text(read_path(hole[1], case, trace)), template)


@lru_cache(maxsize=1024)
def _only_path(template: str) -> str | None:
    """The path of a template that is nothing else."""
    whole = _HOLE.fullmatch(template) if template.count("{{") == 1 else None
    return whole[1] if whole else None


def _root(root: str, path: str, case: Case, trace: Trace | None) -> Json:
    if root in _CASE_ROOTS:
        value = _CASE_ROOTS[root](case)
    elif trace is None or not trace.is_captured:
        raise MissingPathError(f"{path} cannot be read: no output was captured")
    else:
        try:
            value = _TRACE_ROOTS[root](trace)
        except NotJsonError as error:
            raise MissingPathError(
                f"{path} cannot be read: the output is not JSON ({error})"
            ) from None
    if value is None and root != "input":
        _missing(path, f"there is no {root}")
    return value


def _step(value: Json, step: str, path: str) -> Json:
    if type(value) is dict or isinstance(value, Mapping):
        if step in value:
            return value[step]
        names = ", ".join(sorted(map(str, value))[:8])
        _missing(path, f"{step!r} is not among {names}" if names else "")
    if isinstance(value, list | tuple) and step.isdigit():
        if int(step) < len(value):
            return value[int(step)]
        _missing(path, f"the list has {len(value)} items")
    return _missing(path, f"{step!r} cannot be looked up in {type(value).__name__}")


def _missing(path: str, why: str) -> NoReturn:
    raise MissingPathError(f"{path} is missing" + (f" ({why})" if why else ""))
