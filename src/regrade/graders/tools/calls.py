"""Tool calls: what the system did, against what it should and must not do."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from regrade.domain import Case, Grade, Json, ToolCall, Trace, as_text, canonical
from regrade.graders.check import Check, Probe, ProbeOutcome
from regrade.graders.structured import violations_of
from regrade.graders.wording import quoted

from .arguments import Strictness, check_rules, closest, faults_in
from .matching import Order, match

_REFUND: Json = {"invoice": "INV-7", "amount": 9.5}


def _probe(
    made: Sequence[ToolCall] | None,
    gives: ProbeOutcome,
    expected: Sequence[ToolCall] = (),
    forbidden: Sequence[str] = (),
    **options: Json,
) -> Probe:
    case = Case(
        input="probe", expected_tool_calls=tuple(expected), forbidden_tool_calls=tuple(forbidden)
    )
    calls = None if made is None else tuple(made)
    return Probe(case=case, trace=Trace(output="x", tool_calls=calls), gives=gives, options=options)


def _call(name: str, **arguments: Json) -> ToolCall:
    return ToolCall(name=name, arguments=arguments)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCalls(Check):
    """The system calls the tools that it should, with the right arguments, and none that it must
    not.

    Reads the tool calls of the trace in their order and the case's `expected_tool_calls` and
    `forbidden_tool_calls`. Expected calls are matched one to one, as many as can be, by name and
    arguments: the given ones must hold the expected (`subset`) or be them (`exact`), value by value
    or by rule. Abstains when the case says nothing of tools and no option does, and when it is not
    known which tools were called. Score: the share of expected calls that were made. Label: the
    kinds of faults. Issues: each fault, with the call and the argument.
    """

    type: ClassVar[str] = "tool_calls"
    reads_output: ClassVar[bool] = False
    probes: ClassVar[tuple[Probe, ...]] = (
        _probe(
            [_call("look"), _call("refund", **_REFUND)], "pass", [_call("refund", invoice="INV-7")]
        ),
        _probe([_call("refund", invoice="INV-8")], "fail", [_call("refund", invoice="INV-7")]),
        _probe(
            [_call("refund", **_REFUND)],
            "fail",
            [_call("refund", invoice="INV-7")],
            arguments="exact",
        ),
        _probe([_call("b"), _call("a")], "pass", [_call("a"), _call("b")]),
        _probe([_call("b"), _call("a")], "fail", [_call("a"), _call("b")], order="in_order"),
        _probe([_call("a"), _call("x")], "fail", [_call("a")], extra="forbid"),
        _probe([_call("wipe")], "fail", forbidden=["wipe"]),
        _probe([], "pass", forbidden=["wipe"]),
        _probe([_call("refund")], "fail", requires={"refund": ["look"]}),
        _probe([_call("look"), _call("refund")], "pass", requires={"refund": ["look"]}),
        _probe([_call("a", n=1), _call("a", n=1)], "fail", [_call("a")], repeats="forbid"),
        _probe(
            [_call("pay", amount="9.51")],
            "pass",
            [_call("pay", amount=9.5)],
            rules={"pay.amount": {"number": None, "abs_tol": 0.02}},
        ),
        _probe(None, "abstain", [_call("a")]),
        _probe([_call("a")], "abstain"),
    )

    against_case: bool = True
    """Whether the case's expected and forbidden calls count; a grader of the other options alone
    sets it to false."""
    order: Order = "any"
    """`any`, `in_order` (others may stand between), or `exact` (place by place, nothing else)."""
    arguments: Strictness = "subset"
    """Whether calls may have further arguments."""
    extra: Literal["allow", "forbid"] = "allow"
    """Whether there may be calls that nobody expected; `order: exact` forbids them as well."""
    rules: Mapping[str, Json] = field(default_factory=dict)
    """`tool.argument` to a rule of `fields` (`{number: null, abs_tol: 0.01}`, `{regex: 'A-\\d+'}`,
    `{any_of: [a, b]}`, `set`), or `{default: value}`: it may be left out."""
    requires: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Tool to the tools that must have been called before it, without an error."""
    schemas: Mapping[str, Json] = field(default_factory=dict)
    """Tool to the JSON Schema of its arguments, which every call must follow. Of other tools the schema
    is taken that a recorded call of a model was offered, where it is sound."""
    repeats: Literal["allow", "forbid"] = "allow"
    """Whether a call may be made again with the same arguments."""
    errors: Literal["allow", "recovered", "forbid"] = "allow"
    """Whether calls may end in an error: always, if the same tool is called again without one, or
    never."""
    max_calls: int | None = None
    """How many calls there may be in all."""

    def __post_init__(self) -> None:
        check_rules(self.rules)
        for tool, schema in self.schemas.items():
            try:
                violations_of(schema, None)
            except ValueError as error:
                raise ValueError(f"the schema of {tool!r}: {error}") from None

    @property
    def _asks_of_any(self) -> bool:
        """Whether an option says something of cases that say nothing of tools."""
        return bool(
            self.requires
            or self.schemas
            or self.repeats == "forbid"
            or self.errors != "allow"
            or self.max_calls is not None
        )

    def lacks(self, case: Case) -> str | None:
        """What the case would need."""
        says = case.expected_tool_calls or case.forbidden_tool_calls
        if self._asks_of_any or (says and self.against_case):
            return None
        return "expected_tool_calls and forbidden_tool_calls are missing or empty"

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Compare the calls."""
        if (lacking := self.lacks(case)) is not None:
            return Grade.abstained(f"The case says nothing of tools: {lacking}.")
        if trace.tool_calls is None:
            return Grade.abstained("It is not known which tools were called.")
        made = trace.tool_calls
        expected = case.expected_tool_calls if self.against_case else ()
        forbidden = case.forbidden_tool_calls if self.against_case else ()
        found, missing = self._against_expected(expected, made)
        faults = [
            *found,
            *_forbidden(forbidden, made),
            *self._by_options(made, {**_offered(trace), **self.schemas}),
        ]
        total = len(expected)
        score = 1 - missing / total if total else None
        if not faults:
            said = f"All expected calls were made ({total})" if total else "No call breaks a rule"
            return Grade(True, f"{said}; calls in all: {len(made)}.", score)
        label = ", ".join(dict.fromkeys(kind for kind, _ in faults))
        issues = tuple(said for _, said in faults)
        more = f" and {len(issues) - 1} more" if len(issues) > 1 else ""
        return Grade(
            False, f"The tool calls are wrong: {issues[0]}{more}.", score, label, issues[:20]
        )

    def _against_expected(
        self, expected: Sequence[ToolCall], made: Sequence[ToolCall]
    ) -> tuple[list[tuple[str, str]], int]:
        """Give the faults, and how many expected calls were not made."""
        if not expected:
            return [], 0
        found = match(expected, made, self.order, lambda want, call: not self._differs(want, call))
        faults = [self._missing(expected[at], at, made, found.extra) for at in found.missing]
        if self.extra == "forbid" or self.order == "exact":
            faults += [("extra call", f"{_shown(made[at])} was not expected") for at in found.extra]
        return faults, len(found.missing)

    def _differs(self, wanted: ToolCall, call: ToolCall) -> list[str]:
        if call.name != wanted.name:
            return [f"it is {call.name}"]
        faults = faults_in(call.name, call.arguments, wanted.arguments, self.arguments, self.rules)
        return [*faults]

    def _missing(
        self, wanted: ToolCall, place: int, made: Sequence[ToolCall], free: Sequence[int]
    ) -> tuple[str, str]:
        """Say why nothing answers to an expected call: the nearest call of the tool, if there is
        one.
        """
        same = [made[at] for at in free if made[at].name == wanted.name]
        if not same:
            return "missing call", f"{wanted.name} was not called as expected"
        nearest = closest([self._differs(wanted, call) for call in same])
        if not nearest:
            return "wrong order", f"{wanted.name} was called, and not in its place ({place + 1})"
        return "wrong argument", f"{wanted.name} was called, but {'; '.join(nearest)}"

    def _by_options(
        self, made: Sequence[ToolCall], schemas: Mapping[str, Json]
    ) -> Iterator[tuple[str, str]]:
        done: set[str] = set()
        seen: set[str] = set()
        for at, call in enumerate(made):
            for needed in self.requires.get(call.name, ()):
                if needed not in done:
                    yield "not permitted", f"{call.name} was called before {needed} had been"
            yield from _malformed(call, schemas)
            key = canonical([call.name, call.arguments])
            if self.repeats == "forbid" and key in seen:
                yield "repeated call", f"{_shown(call)} was made again with the same arguments"
            seen.add(key)
            if call.error is None:
                done.add(call.name)
            elif self._is_unforgiven(call, made[at + 1 :]):
                yield "error", f"{call.name} ended in an error ({call.error[:100]})"
        if self.max_calls is not None and len(made) > self.max_calls:
            yield (
                "too many calls",
                f"{len(made)} calls were made, at most {self.max_calls} are allowed",
            )

    def _is_unforgiven(self, call: ToolCall, later: Sequence[ToolCall]) -> bool:
        if self.errors == "recovered":
            return not any(each.name == call.name and each.error is None for each in later)
        return self.errors == "forbid"


def _malformed(call: ToolCall, schemas: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    if call.name not in schemas:
        return
    given = {} if call.arguments is None else call.arguments
    for violation in violations_of(schemas[call.name], given):
        yield "malformed arguments", f"{call.name}: {violation}"


def _offered(trace: Trace) -> dict[str, Json]:
    """Give the schemas of the tools that models were offered, by name, as far as they are sound."""
    found: dict[str, Json] = {}
    for tool in (tool for call in trace.llm_calls for tool in call.tools):
        with suppress(ValueError):
            violations_of(tool.parameters, {})
            found[tool.name] = tool.parameters
    return found


def _forbidden(names: Sequence[str], made: Sequence[ToolCall]) -> Iterator[tuple[str, str]]:
    for call in made:
        if call.name in names:
            yield "forbidden call", f"{_shown(call)} must not be called"


def _shown(call: ToolCall) -> str:
    if not call.arguments:
        return call.name
    return f"{call.name} with {quoted(as_text(call.arguments), 60)}"
