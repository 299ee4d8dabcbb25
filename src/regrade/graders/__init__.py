"""The graders: each judges one case and trace. In a suite file by `type`, in Python by the same
name.
"""

from collections.abc import Mapping

from .check import COMMON, Check, Probe
from .groups import AllOf as all_of, AnyOf as any_of
from .judge import Cascade as cascade, Judge as judge, Pairwise as pairwise, Panel as panel
from .operations import Cost as cost, Latency as latency, NoError as no_error, Tokens as tokens
from .python import Python as python
from .retrieval import (
    Citations as citations,
    ContextUtilization as context_utilization,
    Fresh as fresh,
    GroundedNumbers as grounded_numbers,
    HitAtK as hit_at_k,
    Map as map,
    Mrr as mrr,
    Ndcg as ndcg,
    PrecisionAtK as precision_at_k,
    RecallAtK as recall_at_k,
)
from .safety import (
    Injection as injection,
    Leak as leak,
    Pii as pii,
    Policy as policy,
    Refusal as refusal,
)
from .similarity import Similarity as similarity
from .sql import Sql as sql
from .steps import Request as request, Trajectory as trajectory
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
from .tools import ToolCalls as tool_calls

# fmt: off
_ALL: tuple[type[Check], ...] = (
    equals, contains, contains_all, contains_any, not_contains, starts_with, matches, one_of, number, mentions,
    topics, length, similarity, preserves_numbers, json, json_schema, fields, sql, refusal, pii, policy, leak,
    injection, recall_at_k, hit_at_k, precision_at_k, mrr, ndcg, map, context_utilization, citations, grounded_numbers,
    fresh, tool_calls, trajectory, request, latency, cost, tokens, no_error, judge, pairwise, panel, cascade,
    python, any_of, all_of,
)
BUILTIN: Mapping[str, type[Check]] = {grader.type: grader for grader in _ALL}

__all__ = [
    "BUILTIN", "COMMON", "Check", "Probe", "all_of", "any_of", "cascade", "citations", "contains", "contains_all",
    "contains_any", "context_utilization", "cost", "equals", "fields", "fresh", "grounded_numbers", "hit_at_k",
    "injection", "json", "json_schema", "judge", "latency", "leak", "length", "map", "matches", "mentions", "mrr",
    "ndcg", "no_error", "not_contains", "number", "one_of", "pairwise", "panel", "pii", "policy", "precision_at_k",
    "preserves_numbers", "python", "recall_at_k", "refusal", "request", "similarity", "sql", "starts_with",
    "tokens", "tool_calls", "topics", "trajectory",
]
# fmt: on
