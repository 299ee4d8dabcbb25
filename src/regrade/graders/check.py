"""What every grader has: the common options, its identity, and the way from an option to a grade.

A grader is a frozen dataclass of its options with one method, `judge`. What it raises travels up: a
missing path becomes an abstention here, everything else a GraderFailure in the runner.
"""

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from regrade.domain import (
    Case,
    ChatModel,
    Grade,
    GraderIdentity,
    GraderSpec,
    Json,
    Trace,
    as_json,
)
from regrade.domain.errors import MissingPathError, NotJsonError
from regrade.domain.template import is_of_case, paths_in, read_path, render

ProbeOutcome = Literal["pass", "fail", "abstain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A case, an output and the grade that must come of it: a grader's test of itself."""

    case: Case
    """The case."""
    trace: Trace
    """What the system is supposed to have done."""
    gives: ProbeOutcome
    """pass, fail or abstain."""
    options: Mapping[str, Json] = dataclasses.field(default_factory=dict)
    """The grader's options."""


def probe(
    output: Json,
    gives: ProbeOutcome,
    *,
    expected: Mapping[str, Json] | None = None,
    **options: Json,
) -> Probe:
    """Make a probe of an output: `expected` belongs to the case, the other options to the
    grader.
    """
    return Probe(
        case=Case(input="probe", expected=expected or {}),
        trace=Trace(output=output),
        gives=gives,
        options=options,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(ABC):
    """The options that every grader takes."""

    type: ClassVar[str]
    """The name that suites call it by."""
    version: ClassVar[str] = "1"
    """Raised whenever equal traces may get other grades than before."""
    costly: ClassVar[bool] = False
    """Whether judging again costs more than looking a grade up."""
    reads_errors: ClassVar[bool] = False
    """Whether it judges attempts that got no answer."""
    reads_output: ClassVar[bool] = True
    """Whether it needs the output; graders of what was retrieved or called do not."""
    probes: ClassVar[tuple[Probe, ...]]
    """Its tests of itself: a known pass, a known fail and a known abstention at least."""

    name: str | None = None
    """What reports call it; left out, its type, with a number where several share it."""
    criterion: str | None = None
    """The success criterion that it speaks for; left out, the suite's only one, else the attempt
    alone."""
    component: str | None = None
    """The component that it judges; left out, the whole pipeline."""
    required: bool = True
    """Whether its grade decides if an attempt passes."""
    field: str | None = None
    """The part of a JSON answer that is judged instead of all of it, by dotted path; an answer
    without it fails."""
    not_: bool = False
    """Whether the opposite must hold (`not` in files); an abstention stays one."""
    when: Mapping[str, Json] = dataclasses.field(default_factory=dict)
    """Tags (also kind, difficulty) and the value, or list of values, that a case must have to be
    judged by it."""
    _spec: list[GraderSpec] = dataclasses.field(
        default_factory=list, init=False, repr=False, compare=False
    )

    @abstractmethod
    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Judge the trace; the common options are taken care of."""

    @property
    def spec(self) -> GraderSpec:
        """What it is called, what it speaks for and what makes it the judge that it is."""
        if not self._spec:
            identity = self._narrowed_identity()
            self._spec.append(
                GraderSpec(
                    name=self.name or self.type,
                    criterion=self.criterion,
                    component=self.component,
                    required=self.required,
                    identity=identity,
                    identity_key=identity.key,
                    costly=self.is_costly,
                    reads_errors=self.reads_errors,
                )
            )
        return self._spec[0]

    @property
    def asks(self) -> Sequence[ChatModel]:
        """The language models that it asks: whoever has it judge holds them open meanwhile."""
        return ()

    @property
    def is_costly(self) -> bool:
        """Whether judging again costs more than looking the grade up."""
        return self.costly

    def identity(self) -> GraderIdentity:
        """Hash what bears on the judgement: type, version, options and, for users' functions,
        code.
        """
        options = {
            f.name: getattr(self, f.name)
            for f in dataclasses.fields(self)
            if f.name not in PLACEMENT and not f.metadata.get("model")
        }
        defaults = {f.name: f.default for f in dataclasses.fields(self)}
        changed = {name: value for name, value in options.items() if value != defaults[name]}
        return GraderIdentity(type=self.type, version=self.version, options=as_json(changed))

    def _narrowed_identity(self) -> GraderIdentity:
        identity = self.identity()
        if self.field is None:
            return identity
        return dataclasses.replace(identity, options=[self.field, identity.options])

    def covers(self, case: Case) -> bool:
        """Whether the case has the tags that `when` asks for."""
        if not self.when:
            return True
        found = case.dimensions
        return all(found.get(tag) in _texts(wanted) for tag, wanted in self.when.items())

    def lacks(self, case: Case) -> str | None:
        """What the case would need for this grader to judge it: by default, what its templates
        name.
        """
        for f in dataclasses.fields(self):
            for path in paths_in(getattr(self, f.name)):
                if is_of_case(path):
                    try:
                        read_path(path, case)
                    except MissingPathError as error:
                        return str(error)
        return None

    async def grade(self, case: Case, trace: Trace) -> Grade:
        """Judge, abstain where something is missing, and turn the grade around under `not`."""
        if not trace.is_captured and self.reads_output and not self.reads_errors:
            return Grade.abstained("No output was captured, so there is nothing to judge.")
        if self.field is not None and trace.is_captured:
            try:
                trace = dataclasses.replace(trace, output=_part(trace.output_json, self.field))
            except NotJsonError as error:
                return Grade(False, f"The answer is not JSON ({error}), so it has no {self.field}.")
            except MissingPathError as error:
                return Grade(False, f"The answer has no {self.field}: {error}.")
        try:
            grade = await self.judge(case, trace)
        except MissingPathError as error:
            return Grade.abstained(f"There is nothing to compare with: {error}.")
        if not self.not_ or grade.passed is None:
            return grade
        held = "it holds" if grade.passed else "it does not hold"
        said = f"Must not hold, and {held}: {grade.reason}"
        return dataclasses.replace(grade, passed=not grade.passed, reason=said)


PLACEMENT = frozenset({"name", "criterion", "component", "required", "field", "when", "_spec"})
"""Options that say where a grade counts or what is looked at, not how it is judged."""
COMMON = tuple(f.name for f in dataclasses.fields(Check) if f.init)
"""The options that every grader takes."""


def filled(option: Json, case: Case, trace: Trace) -> Json:
    """Fill in an option's templates.

    Raises: MissingPathError when a path is missing or leads to null.
    """
    value = render(option, case, trace)
    if value is None:
        raise MissingPathError(
            f"{option!r} is null" if option is not None else "no expectation is given"
        )
    return value


def filled_list(option: Json, case: Case, trace: Trace) -> list[Json]:
    """Fill in an option that holds several values; one value alone is a list of one.

    Raises: MissingPathError when a path is missing or the list is empty.
    """
    value = filled(option, case, trace)
    values = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    if not values:
        raise MissingPathError("the list of expectations is empty")
    return values


def _part(value: Json, path: str) -> Json:
    """Give a part of a JSON value by dotted path.

    Raises: MissingPathError.
    """
    for step in path.split("."):
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            held = ", ".join(value) if isinstance(value, Mapping) else f"a {type(value).__name__}"
            raise MissingPathError(f"{step!r} is not in {held or 'an empty object'}")
    return value


def _texts(wanted: Json) -> set[str]:
    return {str(item) for item in wanted} if isinstance(wanted, list | tuple) else {str(wanted)}
