"""The dialects, in the order in which they are believed: what one leaves unsaid, the next may say."""

from collections.abc import Callable

from regrade.ingest.raw import RawSpan

from . import genai, langfuse, openinference, own, traceloop, vendors, vercel
from .partial import NOTHING, Partial

DIALECTS: tuple[Callable[[RawSpan], Partial], ...] = (
    own.read,
    langfuse.read,
    vendors.read,
    openinference.read,
    genai.read,
    traceloop.read,
    vercel.read,
)

__all__ = ["DIALECTS", "NOTHING", "Partial"]
