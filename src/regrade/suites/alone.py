"""A component judged alone: its own target, its own graders, the suite's cases or its own."""

import dataclasses
from collections.abc import Iterable, Sequence

from regrade.domain import Component, Grader, SuiteOutline
from regrade.domain.errors import UsageError
from regrade.graders import Check

from .building import suggestion


def check_component(name: str, names: Iterable[str]) -> None:
    """Look whether a suite has a component.

    Raises: UsageError.
    """
    known = list(names)
    if name not in known:
        raise UsageError(f"there is no component {name!r}.{suggestion(name, known)}")


@dataclasses.dataclass(frozen=True, slots=True)
class Judges:
    """The part of a suite that judges: all of it but the target and the cases."""

    outline: SuiteOutline
    """Its name, objective, criteria, components and slices."""
    graders: tuple[Grader, ...]
    """The judges."""


def judges_alone(judges: Judges, name: str) -> Judges:
    """Give what judges one component of a suite alone.

    Raises: UsageError when there is no such component, or nothing judges it.
    """
    check_component(name, (each.name for each in judges.outline.components))
    own = _graders_alone(judges.graders, name)
    return Judges(_outline_alone(judges.outline, name, own), own)


def _outline_alone(outline: SuiteOutline, name: str, graders: Sequence[Grader]) -> SuiteOutline:
    """Give the outline of a component's own suite, `suite.component`: the criteria that its graders
    speak for, and nothing of the other components.

    Its spans are not looked for: what the target gives is what the component gave.
    """
    spoken_for = {grader.spec.criterion for grader in graders}
    return dataclasses.replace(
        outline,
        name=f"{outline.name}.{name}",
        criteria={key: text for key, text in outline.criteria.items() if key in spoken_for},
        components=(Component(name=name),),
        only=name,
    )


def _graders_alone(graders: Sequence[Grader], name: str) -> tuple[Grader, ...]:
    """Give the graders that judge a component; where none of them is required in the pipeline, all
    of them are here, where nothing else decides.

    Raises: UsageError when nothing judges it.
    """
    own = [grader for grader in graders if grader.spec.component == name]
    if not own:
        raise UsageError(f"no grader judges {name!r} alone; give one `component: {name}`")
    if any(grader.spec.required for grader in own):
        return tuple(own)
    return tuple(
        dataclasses.replace(grader, required=True) if isinstance(grader, Check) else grader
        for grader in own
    )
