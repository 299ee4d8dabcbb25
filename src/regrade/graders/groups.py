"""Groups: several graders that count as one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from regrade.domain import Case, ChatModel, Grade, Grader, GraderIdentity, Trace

from .check import Check, Probe, probe
from .text.comparison import Contains, StartsWith

_A, _B, _NOTHING = (
    Contains(expected="a"),
    Contains(expected="b"),
    Contains(expected="{{ expected.nothing }}"),
)
_MEMBERS = (_A, _B)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group(Check):
    """The options of groups."""

    graders: Sequence[Grader] = field(metadata={"graders": True})
    """The members, each with options of its own."""

    def __post_init__(self) -> None:
        if not self.graders:
            raise ValueError(f"{self.type} needs `graders`: the list of its members")

    def identity(self) -> GraderIdentity:
        """Hash the members' identities."""
        members = [member.spec.identity_key for member in self.graders]
        return GraderIdentity(
            type=self.type, version=self.version, options={"graders": members, "not": self.not_}
        )

    @property
    def asks(self) -> Sequence[ChatModel]:
        """The members' models."""
        return [model for member in self.graders for model in getattr(member, "asks", ())]

    @property
    def is_costly(self) -> bool:
        """Whether a member is."""
        return any(member.spec.costly for member in self.graders)

    def lacks(self, case: Case) -> str | None:
        """What the case would need: nothing, as long as one member can judge it."""
        lacking = [member.lacks(case) for member in self.graders if member.covers(case)]
        return None if None in lacking else next(iter(lacking), "no member covers this case")

    async def grades(self, case: Case, trace: Trace) -> list[Grade]:
        """Ask every member that covers the case."""
        return [await member.grade(case, trace) for member in self.graders if member.covers(case)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf(_Group):
    """At least one member passes.

    Passes when one passes, fails when none passes and one fails, abstains when all abstain. A
    member that breaks makes the group a grader failure. Score: none. Issues: those of the members
    that failed.
    """

    type: ClassVar[str] = "any_of"
    probes: ClassVar[tuple[Probe, ...]] = (
        probe("only b", "pass", graders=_MEMBERS),
        probe("c", "fail", graders=_MEMBERS),
        probe("b", "fail", graders=(_A, _NOTHING)),
        probe("c", "abstain", graders=(_NOTHING,)),
    )

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Ask the members."""
        grades = await self.grades(case, trace)
        for grade in grades:
            if grade.passed:
                return Grade(True, grade.reason)
        failed = [grade for grade in grades if grade.passed is False]
        if not failed:
            return _nobody(grades)
        return _joined(False, failed)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf(_Group):
    """No member fails, and at least one passes.

    Passes when one passes and none fails, fails when one fails, abstains when all abstain. A member
    that breaks makes the group a grader failure. Score: none. Issues: those of the members that
    failed.
    """

    type: ClassVar[str] = "all_of"
    probes: ClassVar[tuple[Probe, ...]] = (
        probe("a and b", "pass", graders=_MEMBERS),
        probe("only b", "fail", graders=_MEMBERS),
        probe("a", "pass", graders=(_A, _NOTHING)),
        probe("c", "abstain", graders=(_NOTHING,)),
        probe("ab", "fail", graders=(_A, StartsWith(expected="b"))),
    )

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Ask the members."""
        grades = await self.grades(case, trace)
        failed = [grade for grade in grades if grade.passed is False]
        if failed:
            return _joined(False, failed)
        passed = [grade for grade in grades if grade.passed]
        return _joined(True, passed) if passed else _nobody(grades)


def _joined(passed: bool, grades: list[Grade]) -> Grade:  # noqa: FBT001  the outcome, as in Grade
    issues = tuple(
        issue for grade in grades for issue in grade.issues or (() if passed else (grade.reason,))
    )
    return Grade(passed, " ".join(grade.reason for grade in grades), issues=issues)


def _nobody(grades: list[Grade]) -> Grade:
    return Grade.abstained(
        " ".join(grade.reason for grade in grades) or "No member covers this case."
    )
