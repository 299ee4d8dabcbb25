"""What a gate says as the first lines of a comment on a pull request."""

from regrade.domain import GateResult
from regrade.report.markdown import escaped

from .words import MARKS, WORDS, drop_words, looks_words


def gate_markdown(result: GateResult, suite: str) -> list[str]:
    """Write the first lines of a comment."""
    lines = [f"{MARKS[result.outcome][2]} **{escaped(suite)}: {WORDS[result.outcome]}**", ""]
    lines += [
        f"- {MARKS[rule.outcome][2]} `{escaped(rule.rule)}` {escaped(rule.words, 300)}"
        for rule in result.rules
    ]
    lines += ["", f"{escaped(drop_words(result), 300)}; {escaped(result.promise, 300)}."]
    lines += [f"> never: {escaped(each, 300)}" for each in result.warnings]
    lines += [f"> expired: {escaped(each, 300)}" for each in result.expired]
    lines += [f"> {escaped(each, 300)}" for each in looks_words(result)]
    return lines
