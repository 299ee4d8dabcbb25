"""OTLP: bytes of an exporter to raw spans, one bad span never costing the others.

Source: OpenTelemetry Protocol 1.9; JSON as it maps protobuf, with ids in hexadecimal.
"""

from .arrived import Arrived, ArrivedEvent, Batch
from .reading import MalformedError, read_logs, read_traces

__all__ = ["Arrived", "ArrivedEvent", "Batch", "MalformedError", "read_logs", "read_traces"]
