"""A comparison, for people and for programs."""

from .document import comparison_document
from .markdown import comparison_markdown
from .terminal import print_comparison

__all__ = ["comparison_document", "comparison_markdown", "print_comparison"]
