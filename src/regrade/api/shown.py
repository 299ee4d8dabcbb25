"""Runs that show themselves in notebooks."""

from dataclasses import dataclass

from regrade.domain import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRun(Run):
    """A run as the verbs give it: the last line of a notebook's cell shows its summary."""

    def _repr_html_(self) -> str:
        """Give the summary as HTML."""
        from regrade.report.html import summary_html  # noqa: PLC0415  in notebooks alone

        return summary_html(self)

    def _repr_markdown_(self) -> str:
        """Give the report as Markdown."""
        from regrade.report.markdown import run_markdown  # noqa: PLC0415  in notebooks alone

        return run_markdown(self)
