"""Rules for single fields of a JSON answer."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, get_args

from regrade.domain import Case, Json, Trace, as_text, canonical
from regrade.domain.errors import MissingPathError
from regrade.domain.template import render

from .text.comparison import same_json
from .text.number import equal_number, numbers_in, read_number
from .text.patterns import find
from .wording import quoted

RuleKind = Literal[
    "equals", "number", "date", "regex", "set", "list", "any_of", "present", "absent"
]
KINDS: tuple[str, ...] = get_args(RuleKind)
_STEP = re.compile(r"[^.\[\]]+")
_ABSENT = object()
_DATE_FORMATS = (
    "%d %B %Y",
    "%B %d, %Y",
    "%d %b %Y",
    "%b %d, %Y",
    "%B %d %Y",
    "%b %d %Y",
    "%d. %B %Y",
    "%Y/%m/%d",
    "%d.%m.%Y",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one field must be."""

    path: str
    """Where the field is: names joined by dots, list items by [number]."""
    kind: RuleKind
    """How it is compared."""
    value: Json = None
    """What it is compared with: a value or a template; None for the same path of `expected`."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """`abs_tol` and `rel_tol` of numbers."""
    keyed: bool = False
    """Whether the path is one key of `expected`, dots included."""

    def wanted(self, case: Case, trace: Trace | None) -> Json:
        """Give the value to compare with.

        Raises: MissingPathError.
        """
        if self.kind in ("present", "absent"):
            return None
        if self.value is not None:
            return render(self.value, case, trace)
        found = (
            case.expected.get(self.path, _ABSENT)
            if self.keyed
            else look_up(case.expected, self.path)
        )
        if found is _ABSENT:
            raise MissingPathError(f"expected.{self.path} is missing")
        return found

    def fault(self, answer: Json, expected: Json) -> str | None:
        """Say what is wrong with the field; None when nothing is."""
        found = look_up(answer, self.path)
        if found is _ABSENT and self.keyed and isinstance(answer, dict):
            found = answer.get(self.path, _ABSENT)
        if self.kind == "absent":
            return (
                None
                if found is _ABSENT
                else f"{self.path} must not be there, but is {_shown(found)}"
            )
        if found is _ABSENT:
            return f"{self.path} is missing"
        if self.kind == "present" or _COMPARE[self.kind](found, expected, dict(self.options)):
            return None
        words = "expected was one of" if self.kind == "any_of" else "expected was"
        return f"{self.path} is {_shown(found)}, {words} {_shown(expected)}"


def read_rule(path: str, rule: Json) -> Rule:
    """Read a rule: a kind alone (`date`), or a kind with its value and options.

    Raises: ValueError.
    """
    if isinstance(rule, str):
        rule = {rule: None}
    kinds = [key for key in rule if key in KINDS] if isinstance(rule, Mapping) else []
    if len(kinds) != 1:
        raise ValueError(f"the rule for {path!r} is {rule!r}; it names one of: {', '.join(KINDS)}")
    options = {key: value for key, value in rule.items() if key not in KINDS}
    unknown = [key for key in options if key not in ("abs_tol", "rel_tol") or kinds[0] != "number"]
    if unknown:
        raise ValueError(f"the rule for {path!r} has the unknown key {unknown[0]!r}")
    return Rule(path=path, kind=kinds[0], value=rule[kinds[0]], options=options)


def look_up(value: Json, path: str) -> Json:
    """Give what stands at a path, or a mark that nothing does."""
    for step in _STEP.findall(path):
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return _ABSENT
    return value


def _number(found: Json, expected: Json, options: dict[str, Any]) -> bool:
    numbers = [] if isinstance(found, bool) else list(numbers_in(as_text(found)))
    return len(numbers) == 1 and equal_number(numbers[0], read_number(expected), **options)


def _date(found: Json, expected: Json, _options: dict[str, Any]) -> bool:
    wanted = read_date(expected)
    if wanted is None:
        raise ValueError(f"the expectation {expected!r} is not a date")
    return read_date(found) == wanted


def read_date(value: Json) -> date | None:
    """Read a calendar date: ISO 8601 with or without a time, `3 May 2026`, `May 3, 2026`,
    `2026/05/03`, `3.5.2026`.
    """
    text = as_text(value).strip()
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        pass
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  a calendar date has no zone
        except ValueError:
            continue
    return None


def _regex(found: Json, expected: Json, _options: dict[str, Any]) -> bool:
    return find(as_text(expected), as_text(found), full=True, ignore_case=False) is not None


def _set(found: Json, expected: Json, _options: dict[str, Any]) -> bool:
    return _are_lists(found, expected) and {_key(x) for x in found} == {_key(x) for x in expected}


def _list(found: Json, expected: Json, _options: dict[str, Any]) -> bool:
    return _are_lists(found, expected) and same_json(found, expected)


def _any_of(found: Json, expected: Json, _options: dict[str, Any]) -> bool:
    return isinstance(expected, list) and any(same_json(found, item) for item in expected)


def _equals(found: Json, expected: Json, _options: dict[str, Any]) -> bool:
    return same_json(found, expected)


_COMPARE: Mapping[str, Callable[[Json, Json, dict[str, Any]], bool]] = {
    "equals": _equals,
    "number": _number,
    "date": _date,
    "regex": _regex,
    "set": _set,
    "list": _list,
    "any_of": _any_of,
}


def _are_lists(found: Json, expected: Json) -> bool:
    return isinstance(found, list) and isinstance(expected, list)


def _key(value: Json) -> str:
    return canonical(
        float(value) if isinstance(value, int) and not isinstance(value, bool) else value
    )


def _shown(value: Json) -> str:
    return quoted(as_text(value), 40)
