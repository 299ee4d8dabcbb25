"""What a gate says, for people, for CI systems and for other programs."""

from .document import gate_document, gate_schema
from .github import github_annotations
from .junit import gate_junit
from .markdown import gate_markdown
from .terminal import print_gate

__all__ = [
    "gate_document",
    "gate_junit",
    "gate_markdown",
    "gate_schema",
    "github_annotations",
    "print_gate",
]
