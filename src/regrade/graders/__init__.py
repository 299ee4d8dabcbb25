"""The graders: each judges one case and trace. In a suite file by `type`, in Python by the same
name.
"""

from collections.abc import Mapping

from .check import COMMON, Check, Probe
from .groups import AllOf as all_of, AnyOf as any_of
from .operations import Cost as cost, Latency as latency, NoError as no_error, Tokens as tokens
from .python import Python as python
from .safety import (
    Injection as injection,
    Leak as leak,
    Pii as pii,
    Policy as policy,
    Refusal as refusal,
)
from .similarity import Similarity as similarity
from .sql import Sql as sql
from .structured import Fields as fields, JsonSchema as json_schema, JsonText as json
from .text import (
    Contains as contains,
    ContainsAll as contains_all,
    ContainsAny as contains_any,
    Equals as equals,
    Length as length,
    Matches as matches,
    Mentions as mentions,
    NotContains as not_contains,
    Number as number,
    OneOf as one_of,
    PreservesNumbers as preserves_numbers,
    StartsWith as starts_with,
    Topics as topics,
)

# fmt: off
_ALL: tuple[type[Check], ...] = (
    equals, contains, contains_all, contains_any, not_contains, starts_with, matches, one_of, number, mentions,
    topics, length, similarity, preserves_numbers, json, json_schema, fields, sql, refusal, pii, policy, leak,
    injection, latency, cost, tokens, no_error, python, any_of, all_of,
)
BUILTIN: Mapping[str, type[Check]] = {grader.type: grader for grader in _ALL}

__all__ = [
    "BUILTIN", "COMMON", "Check", "Probe", "all_of", "any_of", "contains", "contains_all", "contains_any", "cost",
    "equals", "fields", "injection", "json", "json_schema", "latency", "leak", "length", "matches", "mentions",
    "no_error", "not_contains", "number", "one_of", "pii", "policy", "preserves_numbers", "python", "refusal",
    "similarity", "sql", "starts_with", "tokens", "topics",
]
# fmt: on
