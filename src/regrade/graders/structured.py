"""Graders of structured output: it is JSON, it has the shape, its fields are right."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

from regrade.domain import Case, Grade, Json, Trace, as_text, canonical, read_json
from regrade.domain.errors import MissingPathError, NotJsonError

from .check import Check, Probe, probe
from .fields import Rule, read_rule
from .text.mentions import is_mentioned
from .wording import listed, normalised, quoted

_OBJECT = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonText(Check):
    """The answer is JSON, all of it: parse success as a signal of its own.

    Reads the output: a text must be one JSON value with nothing around it but white space; NaN and
    Infinity are not JSON. Never abstains on an output that was captured. Score: none.
    """

    type: ClassVar[str] = "json"
    probes: ClassVar[tuple[Probe, ...]] = (
        probe(' {"a": [1, null]}\n', "pass"),
        probe({"a": 1}, "pass"),
        probe('```json\n{"a": 1}\n```', "fail"),
        probe('{"a": NaN}', "fail"),
        probe("", "fail"),
    )

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Parse the answer."""
        try:
            _ = trace.output_json
        except NotJsonError as error:
            return _not_json(trace, error)
        return Grade(True, "The answer is valid JSON.")


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonSchema(Check):
    """The answer is JSON of the given schema.

    Reads the output as JSON; an answer that is not JSON fails. JSON Schema draft 2020-12 unless
    `$schema` says otherwise, formats not checked; `jsonschema-rs` is used where it is installed.
    Never abstains on an output that was captured. Score: none. Issues: every violation, with its
    place.
    """

    type: ClassVar[str] = "json_schema"
    probes: ClassVar[tuple[Probe, ...]] = (
        probe('{"a": 1}', "pass", schema=_OBJECT),
        probe('{"a": "1"}', "fail", schema=_OBJECT),
        probe("a is 1", "fail", schema=_OBJECT),
    )

    schema: Json = field(metadata={"path": True})
    """The schema, or the path of a JSON file that holds it."""

    def __post_init__(self) -> None:
        if isinstance(self.schema, str):
            object.__setattr__(self, "schema", _read_schema(Path(self.schema)))
        violations_of(self.schema, None)

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Validate the answer."""
        try:
            value = trace.output_json
        except NotJsonError as error:
            return _not_json(trace, error)
        faults = violations_of(self.schema, value)
        if faults:
            more = f" and {len(faults) - 1} more" if len(faults) > 1 else ""
            return Grade(
                False,
                f"The answer breaks its schema: {faults[0]}{more}.",
                issues=tuple(faults[:20]),
            )
        return Grade(True, "The answer follows its schema.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields(Check):
    """The fields of a JSON answer are the expected ones.

    Reads the output as JSON and `expected`. Without rules every key of `expected` must be there
    with an equal value; with rules each path is judged by its own (see the table on this page). An
    answer that is not JSON fails, unless `in_text` is set: then each expected value must be
    mentioned as a whole word or number. Abstains when there is no field to compare. Score: the
    share of fields that are right. Issues: every field that is not, with what was found.
    """

    type: ClassVar[str] = "fields"
    probes: ClassVar[tuple[Probe, ...]] = (
        probe('{"store": "B", "total": 1.0}', "pass", expected={"store": "B", "total": 1}),
        probe('{"store": "A"}', "fail", expected={"store": "B"}),
        probe("store B", "fail", expected={"store": "B"}),
        probe("It was store B.", "pass", expected={"store": "B"}, in_text=True),
        probe("It was store Best.", "fail", expected={"store": "B"}, in_text=True),
        probe(
            '{"t": "10.004", "d": "May 3, 2026"}',
            "pass",
            expected={"t": 10, "d": "2026-05-03"},
            rules={"t": {"number": None, "abs_tol": 0.01}, "d": "date"},
        ),
        probe('{"tags": ["b", "a"]}', "pass", expected={"tags": ["a", "b"]}, rules={"tags": "set"}),
        probe(
            '{"tags": ["b", "a"]}', "fail", expected={"tags": ["a", "b"]}, rules={"tags": "list"}
        ),
        probe('{"store": "B"}', "abstain", expected={"must_mention": ["B"]}),
        probe('{"store": "B"}', "abstain", rules={"store": "equals"}),
    )

    rules: Mapping[str, Json] = field(default_factory=dict)
    """Path to rule, such as `{total: {number: "{{ expected.total }}", abs_tol: 0.01}, date:
    date}`."""
    in_text: bool = False
    """Whether a text that mentions each expected value is right as well."""
    skip: Sequence[str] = ("must_mention", "must_not_mention", "canaries")
    """Keys of `expected` that are not fields; they count only without rules."""

    def __post_init__(self) -> None:
        for path, rule in self.rules.items():
            read_rule(path, rule)

    def lacks(self, case: Case) -> str | None:
        """What the case would need."""
        rules = self._rules(case)
        if not rules:
            return "`expected` has no field to compare"
        for rule in rules:
            try:
                rule.wanted(case, None)
            except MissingPathError as error:
                return str(error)
        return None

    def _rules(self, case: Case) -> list[Rule]:
        if self.rules:
            return [read_rule(path, rule) for path, rule in self.rules.items()]
        return [
            Rule(path=key, kind="equals", keyed=True)
            for key in case.expected
            if key not in self.skip
        ]

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Compare field by field."""
        rules = self._rules(case)
        if not rules:
            return Grade.abstained("The case expects no field.")
        wanted = [(rule, rule.wanted(case, trace)) for rule in rules]
        try:
            value = trace.output_json
        except NotJsonError as error:
            return _mentioned(wanted, trace) if self.in_text else _not_json(trace, error)
        if self.in_text and not isinstance(value, dict | list):
            return _mentioned(wanted, trace)
        faults = [
            fault for rule, expected in wanted if (fault := rule.fault(value, expected)) is not None
        ]
        return _field_grade(len(wanted), faults)


def _mentioned(wanted: list[tuple[Rule, Json]], trace: Trace) -> Grade:
    text = normalised(trace.output_text, ignore_case=True)
    faults = []
    for rule, expected in wanted:
        values = expected if isinstance(expected, list) else [expected]
        missing = [as_text(item) for item in values if not is_mentioned(as_text(item), text)]
        if missing:
            faults.append(f"{rule.path}: {listed(missing)} is not mentioned")
    return _field_grade(len(wanted), faults)


def _field_grade(total: int, faults: list[str]) -> Grade:
    score = 1 - len(faults) / total
    if not faults:
        return Grade(
            True, "The field is right." if total == 1 else f"All {total} fields are right.", score
        )
    reason = (
        f"{len(faults)} of {total} fields are wrong: {faults[0]}."
        if total > 1
        else f"The field {faults[0]}."
    )
    return Grade(False, reason, score, issues=tuple(faults))


def _not_json(trace: Trace, error: NotJsonError) -> Grade:
    return Grade(False, f"The answer is not JSON ({error}): {quoted(trace.output_text)}.")


def _read_schema(path: Path) -> Json:
    try:
        return read_json(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ValueError(f"the schema file {path} cannot be read: {error.strerror}") from None
    except NotJsonError as error:
        raise ValueError(f"the schema file {path} is not JSON: {error}") from None


def violations_of(schema: Json, value: Json) -> list[str]:
    """Say in what a value breaks a schema.

    Raises: ValueError when the schema itself is none.
    """
    return _validator(canonical(schema))(value)


@lru_cache(maxsize=64)
def _validator(schema_text: str) -> Callable[[Json], list[str]]:
    schema = read_json(schema_text)
    try:
        import jsonschema_rs  # type: ignore[import-not-found, unused-ignore]  # noqa: PLC0415  used where installed
    except ImportError:
        return _python_validator(schema)
    try:
        fast = jsonschema_rs.validator_for(schema)
    except jsonschema_rs.ValidationError as error:
        raise ValueError(f"this is not a JSON Schema: {error.message}") from None
    slow = lru_cache(maxsize=1)(
        lambda: _python_validator(schema)
    )  # its words do not depend on what is installed
    return lambda value: [] if fast.is_valid(value) else slow()(value)


def _python_validator(schema: Json) -> Callable[[Json], list[str]]:
    import jsonschema  # noqa: PLC0415  a quarter of a second that only this grader needs

    cls: Any = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    try:
        cls.check_schema(schema)
    except jsonschema.SchemaError as error:
        raise ValueError(f"this is not a JSON Schema: {error.message}") from None
    validator = cls(schema)
    return lambda value: sorted(
        f"{_place(e.absolute_path)}: {e.message}" for e in validator.iter_errors(value)
    )


def _place(path: Any) -> str:
    return ".".join(map(str, path)) or "the answer"
