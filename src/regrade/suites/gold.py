"""A suite in which one component gives its known-good output: would the answer have been right?"""

import dataclasses
from pathlib import Path

from regrade.callables import find_function
from regrade.domain import Suite
from regrade.domain.errors import UsageError
from regrade.targets import GoldTarget, PythonTarget

from .alone import check_component


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
