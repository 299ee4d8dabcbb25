"""A body by its encoding."""

from typing import Literal

from . import json, protobuf
from .arrived import Batch
from .ids import MalformedError

Encoding = Literal["protobuf", "json"]
"""How a message is written."""

__all__ = ["Encoding", "MalformedError", "read_logs", "read_traces"]


def read_traces(body: bytes, encoding: Encoding) -> Batch:
    """Read the spans of a request.

    Raises: MalformedError when it is no such message at all.
    """
    return protobuf.read_traces(body) if encoding == "protobuf" else json.read_traces(body)


def read_logs(body: bytes, encoding: Encoding) -> Batch:
    """Read the log records of a request.

    Raises: MalformedError when it is no such message at all.
    """
    return protobuf.read_logs(body) if encoding == "protobuf" else json.read_logs(body)
