"""The graders: each judges one case and trace. In a suite file by `type`, in Python by the same
name.
"""

from collections.abc import Mapping

from .check import COMMON, Check, Probe
from .groups import AllOf as all_of
from .groups import AnyOf as any_of
from .number import Number as number
from .operations import Latency as latency
from .operations import NoError as no_error
from .patterns import Matches as matches
from .python import Python as python
from .structured import Fields as fields
from .structured import JsonSchema as json_schema
from .structured import JsonText as json
from .text import Contains as contains
from .text import ContainsAll as contains_all
from .text import ContainsAny as contains_any
from .text import Equals as equals
from .text import Mentions as mentions
from .text import NotContains as not_contains
from .text import OneOf as one_of
from .text import StartsWith as starts_with

_ALL: tuple[type[Check], ...] = (
    *(
        equals,
        contains,
        contains_all,
        contains_any,
        not_contains,
        starts_with,
        matches,
        one_of,
        number,
        mentions,
    ),
    *(json, json_schema, fields, latency, no_error, python, any_of, all_of),
)
BUILTIN: Mapping[str, type[Check]] = {grader.type: grader for grader in _ALL}

__all__ = [
    "BUILTIN",
    "COMMON",
    "Check",
    "Probe",
    "all_of",
    "any_of",
    "contains",
    "contains_all",
    "contains_any",
    "equals",
    "fields",
    "json",
    "json_schema",
    "latency",
    "matches",
    "mentions",
    "no_error",
    "not_contains",
    "number",
    "one_of",
    "python",
    "starts_with",
]
