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
from .chat import ChatReply, ChatRequest, Message, ToolSpec
from .documents import Json, as_json, as_text, canonical, content_hash, read_json
from .grade import Grade, GraderFailure, GraderIdentity, GraderSpec, Outcome
from .roles import Cache, CacheEntry, ChatModel, Embedder, Grader, Target
from .suite import Component, RunSettings, Suite, SuiteOutline
from .summary import Confusion, Estimate, Operations, Rate, Run, Summary
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
    "ChatModel",
    "ChatReply",
    "ChatRequest",
    "Component",
    "Confusion",
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
    "Message",
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
    "ToolSpec",
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
