"""Arguments of tool calls: what was given against what was expected, value by value."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from regrade.domain import Json, as_text
from regrade.graders.fields import Rule, read_rule
from regrade.graders.text.comparison import same_json
from regrade.graders.wording import quoted

Strictness = Literal["subset", "exact"]
_DEFAULT = "default"


def check_rules(rules: Mapping[str, Json]) -> None:
    """Look whether rules can be read.

    Raises: ValueError.
    """
    for name, rule in rules.items():
        if "." not in name:
            raise ValueError(f"the rule for {name!r} names no argument; write tool.argument")
        if not _is_default(rule):
            read_rule(name.partition(".")[2], rule)


def faults_in(
    tool: str, given: Json, expected: Json, strictness: Strictness, rules: Mapping[str, Json]
) -> Iterator[str]:
    """Say what is wrong with the arguments of a call, an argument at a time.

    `rules` are by `tool.argument`; an argument without one must be equal.
    """
    if expected is None and not any(name.startswith(f"{tool}.") for name in rules):
        return
    if not isinstance(given, Mapping):
        yield f"its arguments are {quoted(as_text(given), 40)} and no object"
        return
    wanted = dict(expected) if isinstance(expected, Mapping) else {}
    own = {
        name.partition(".")[2]: rule for name, rule in rules.items() if name.startswith(f"{tool}.")
    }
    for argument in dict.fromkeys([*wanted, *own]):
        yield from _fault(argument, given, wanted, own.get(argument))
    if strictness == "exact":
        for argument in given:
            if argument not in wanted and argument not in own:
                yield f"it has the argument {argument}, which was not expected"


def _fault(
    argument: str, given: Mapping[str, Json], wanted: Mapping[str, Json], rule: Json
) -> Iterator[str]:
    if rule is not None and _is_default(rule):
        value = wanted.get(argument, rule[_DEFAULT])
        if not same_json(given.get(argument, rule[_DEFAULT]), value):
            said = _shown(given[argument]) if argument in given else "left out"
            yield f"{argument} is {said}, expected was {_shown(value)}"
        return
    if rule is not None:
        read = read_rule(argument, rule)
        expected = wanted.get(argument) if read.value is None else read.value
        if (fault := _by_rule(read, given, expected)) is not None:
            yield fault
        return
    if argument not in given:
        yield f"the argument {argument} is missing, expected was {_shown(wanted[argument])}"
    elif not same_json(given[argument], wanted[argument]):
        yield f"{argument} is {_shown(given[argument])}, expected was {_shown(wanted[argument])}"


def _by_rule(rule: Rule, given: Mapping[str, Json], expected: Json) -> str | None:
    return rule.fault(dict(given), expected)


def _is_default(rule: Json) -> bool:
    return isinstance(rule, Mapping) and set(rule) == {_DEFAULT}


def _shown(value: Json) -> str:
    return quoted(as_text(value), 40)


def closest(faults: Sequence[list[str]]) -> list[str]:
    """Give the shortest list of faults: the call that came nearest."""
    return min(faults, key=len)
