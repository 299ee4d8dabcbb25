"""A run as one self-contained HTML file: offline, printable, safe with hostile texts."""

from .page import run_html, summary_html

__all__ = ["run_html", "summary_html"]
