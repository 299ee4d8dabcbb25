"""A run, a comparison or a gate as one self-contained HTML file: offline, printable, safe with hostile
texts.
"""

from .comparison import (
    comparison_fragment,
    comparison_html,
    comparison_parts,
    gate_fragment,
    gate_html,
)
from .page import run_html, summary_html

__all__ = [
    "comparison_fragment",
    "comparison_html",
    "comparison_parts",
    "gate_fragment",
    "gate_html",
    "run_html",
    "summary_html",
]
