"""Charts as places on a scale, drawn by the templates beside them: the same in the HTML report and on the pages."""

from pathlib import Path

HERE = Path(__file__).parent
"""Where the templates are."""
