"""Targets out of the options that a file gives, by type."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from regrade.callables import find_function
from regrade.domain import Target
from regrade.domain.errors import UsageError
from regrade.settings import prices_path
from regrade.targets import ChatTarget, CommandTarget, ProcessTarget, PythonTarget, RecordedTarget


def target_of_object(given: Any, isolation: str) -> Target:
    """Make a target of a function, or take the target that is given.

    Raises: TypeError, ValueError.
    """
    if hasattr(given, "answer") and hasattr(given, "version"):
        return given  # type: ignore[no-any-return]  # it plays the role
    if not callable(given):
        raise TypeError(
            f"the target is {given!r}; it is a function, 'module:function', or an object with `type`"
        )
    if isolation == "process":
        raise ValueError(
            "isolation: process needs the target as 'module:function', which a child process can import"
        )
    return PythonTarget(given)


CHILD = "regrade.child"
"""The module that child processes run."""


def _python(part: Any, folder: Path, isolation: str) -> Target:
    if str(folder.resolve()) != str(Path.cwd()):
        find_function_or_say(part.call, folder)
    if isolation == "process":
        return ProcessTarget(part.call, program=CHILD)
    return PythonTarget(part.call)


def find_function_or_say(name: str, folder: Path) -> None:
    """Import a target's function, looking in its suite's folder first.

    Raises: UsageError.
    """
    try:
        find_function(name, folder=folder)
    except UsageError as error:
        raise UsageError(f"the target {name!r} cannot be imported: {error}") from None


def _http(part: Any, _folder: Path, _isolation: str) -> Target:
    from regrade.targets.http import HttpTarget  # noqa: PLC0415  the libraries of this target alone
    from regrade.targets.joining import Joining  # noqa: PLC0415  as above
    from regrade.wire.environment import expanded  # noqa: PLC0415  as above

    joining = None
    if part.spans is not None:
        key = None if part.spans.key is None else expanded(part.spans.key)
        joining = Joining(server=expanded(part.spans.server), within_s=part.spans.within, key=key)
    return HttpTarget(
        part.url,
        method=part.method,
        headers=part.headers,
        body=part.body,
        output=part.output,
        stream=part.stream,
        joining=joining,
    )


def _command(part: Any, folder: Path, _isolation: str) -> Target:
    from regrade.wire.environment import expanded  # noqa: PLC0415  read when a run is built, as headers are

    env = {name: expanded(value) for name, value in part.env.items()}
    return CommandTarget(part.argv, format=part.format, env=env, folder=folder)


def _chat(part: Any, _folder: Path, _isolation: str) -> Target:
    from regrade.chat.client import ChatClient  # noqa: PLC0415  loads an HTTP client
    from regrade.chat.prices import read_prices  # noqa: PLC0415  as above

    own = prices_path()
    model = ChatClient(
        part.model,
        base_url=part.base_url,
        stream=part.stream,
        retries=0,  # the runner tries again, within its limits
        prices=read_prices(own) if own else {},
    )
    return ChatTarget(model, messages=part.messages, tools=part.tools, params=part.params)


def _recorded(part: Any, folder: Path, _isolation: str) -> Target:
    return RecordedTarget(folder / part.path)


MAKE: Mapping[str, Callable[[Any, Path, str], Target]] = {
    "python": _python,
    "http": _http,
    "command": _command,
    "chat": _chat,
    "recorded": _recorded,
}
"""How each type of target is made of its part of the file, the suite's folder and the isolation."""
