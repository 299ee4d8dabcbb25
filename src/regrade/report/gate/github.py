"""What a gate says as annotations of a GitHub workflow.

Source: GitHub's workflow commands; ten errors and ten warnings of a step are shown.
"""

from collections.abc import Iterator

from regrade.domain import Comparison, GateResult
from regrade.report.comparison import words as comparison_words
from regrade.report.plain import one_line

MOST = 10
"""Annotations of each level that a step may have."""


def github_annotations(
    result: GateResult, suite: str, path: str, found: Comparison | None = None
) -> Iterator[str]:
    """Give the lines to print: an error for each broken rule, a warning for each undecided one, and
    what regressed, at the suite's file (`path` from the top of the repository).
    """
    errors = warnings = 0
    for rule in result.rules:
        if rule.outcome == "fail" and errors < MOST:
            errors += 1
            yield _command("error", path, f"{suite}: {rule.rule}", rule.words)
        elif rule.outcome == "undecided" and warnings < MOST:
            warnings += 1
            level = "error" if result.blocks else "warning"
            yield _command(level, path, f"{suite}: {rule.rule} undecided", rule.words)
    for each in found.regressed if found is not None else ():
        if warnings >= MOST:
            return
        warnings += 1
        why = one_line(each.reasons[0], 300) if each.reasons else "it failed"
        moved = comparison_words.change(each)
        name = f"{suite}: {one_line(each.case, 80)} {moved}"
        yield _command("notice" if each.accepted else "warning", path, name, why)


def _command(level: str, path: str, title: str, message: str) -> str:
    return f"::{level} file={_property(path)},title={_property(title)}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
