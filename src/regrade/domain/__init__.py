"""The nouns: what regrade speaks of. Pure values, standard library only, no I/O."""

from .attempt import Attempt, RunHeader, RunStatus
from .case import (
    KINDS,
    Case,
    Dataset,
    Kind,
    RelevantDocument,
    ToolCall,
    case_content,
    restored_case,
)
from .documents import Json, as_json, as_text, canonical, content_hash, read_json
from .grade import Grade, GraderFailure, GraderIdentity, GraderSpec, Outcome
from .roles import Cache, CacheEntry, Embedder, Grader, Target
from .run import Run
from .suite import Component, RunSettings, Suite, SuiteOutline
from .summary import Estimate, Operations, Rate, Summary
from .trace import (
    NOT_CAPTURED,
    Document,
    Response,
    TargetFailure,
    Trace,
    Usage,
    restored_trace,
    trace_content,
)

__all__ = [
    "KINDS",
    "NOT_CAPTURED",
    "Attempt",
    "Cache",
    "CacheEntry",
    "Case",
    "Component",
    "Dataset",
    "Document",
    "Embedder",
    "Estimate",
    "Grade",
    "Grader",
    "GraderFailure",
    "GraderIdentity",
    "GraderSpec",
    "Json",
    "Kind",
    "Operations",
    "Outcome",
    "Rate",
    "RelevantDocument",
    "Response",
    "Run",
    "RunHeader",
    "RunSettings",
    "RunStatus",
    "Suite",
    "SuiteOutline",
    "Summary",
    "Target",
    "TargetFailure",
    "ToolCall",
    "Trace",
    "Usage",
    "as_json",
    "as_text",
    "canonical",
    "case_content",
    "content_hash",
    "read_json",
    "restored_case",
    "restored_trace",
    "trace_content",
]
