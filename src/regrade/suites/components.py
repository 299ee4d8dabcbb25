"""One component of a suite: judged alone, by its own target, graders and cases; or giving its
known-good output, to see whether the answers would have been right.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path

from regrade.callables import find_function
from regrade.domain import Component, Grader, RunSettings, Suite, SuiteOutline
from regrade.domain.errors import UsageError
from regrade.graders import Check
from regrade.targets import GoldTarget, PythonTarget

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
    settings: RunSettings = dataclasses.field(default_factory=RunSettings)
    """How many of them judge at once, and what they may cost."""


def judges_alone(judges: Judges, name: str) -> Judges:
    """Give what judges one component of a suite alone.

    Raises: UsageError when there is no such component, or nothing judges it.
    """
    check_component(name, (each.name for each in judges.outline.components))
    own = _graders_alone(judges.graders, name)
    return Judges(_outline_alone(judges.outline, name, own), own, judges.settings)


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


def suite_with_gold(suite: Suite, name: str, gold: str | None, folder: Path) -> Suite:
    """Give the suite with the known-good output of a component in place of its own.

    Raises: UsageError when there is no such component, it has no known-good output, or nothing of
    ours stands around it: another process, or a function that is not decorated.
    """
    check_component(name, (each.name for each in suite.outline.components))
    if gold is None:
        raise UsageError(
            f"the component {name!r} has no known-good output; say which function gives it, such as "
            f"components: {{{name}: {{gold: app:gold_{name}}}}}"
        )
    if not isinstance(suite.target, PythonTarget):
        raise UsageError(
            f"the known-good output of {name!r} can stand in only where the target is a Python function "
            "in this process; with `isolation: process` or another type of target it cannot be reached"
        )
    from regrade.instrument import decorated, standing_in  # noqa: PLC0415  loads OpenTelemetry

    [component] = [each for each in suite.outline.components if each.name == name]
    own = {each for each in decorated() if component.recognises(*each)}
    if not own:
        span, kind = component.span or name, component.kind
        words = f'"{span}"' + (f', kind="{kind}"' if kind else "")
        raise UsageError(
            f"no function of the target is decorated as {name!r}, so that nothing can stand in for it; "
            f"put @regrade.component({words}) on the function that does it"
        )
    try:
        function = find_function(gold, folder=folder)
    except UsageError as error:
        raise UsageError(f"the known-good output of {name!r} cannot be found: {error}") from None
    target = GoldTarget(
        suite.target,
        function,
        name,
        lambda value: standing_in(value, own),
    )
    return dataclasses.replace(
        suite, target=target, outline=dataclasses.replace(suite.outline, with_gold=name)
    )
