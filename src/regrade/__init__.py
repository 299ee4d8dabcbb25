"""regrade: did your LLM application get better or worse, and why.

Names load when they are first used, so that `import regrade` costs next to nothing and does
nothing.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Case": "domain",
    "Comparison": "domain",
    "Dataset": "domain",
    "Document": "domain",
    "Estimate": "domain",
    "Grade": "domain",
    "Response": "domain",
    "Run": "domain",
    "Span": "domain",
    "Summary": "domain",
    "ToolCall": "domain",
    "Trace": "domain",
    "Usage": "domain",
    "Probe": "graders",
    "graders": "",
    "chat_model": "api",
    "component": "instrument",
    "span": "instrument",
    "compare": "api",
    "evaluate": "api",
    "evaluate_async": "api",
    "regrade": "api",
    "RegradeError": "domain.errors",
    "TransientError": "domain.errors",
    "UsageError": "domain.errors",
}

__all__ = [*sorted(_HOMES)]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'regrade' has no attribute {name!r}")
    home = _HOMES[name]
    return (
        getattr(import_module(f"regrade.{home}"), name)
        if home
        else import_module(f"regrade.{name}")
    )


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
