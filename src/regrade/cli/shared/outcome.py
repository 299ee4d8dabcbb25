"""What a command says and exits with after a run."""

from regrade.api import Aftermath
from regrade.cli.root import DONE, NOT_VALID
from regrade.domain import Summary
from regrade.runner import CacheUse


def exit_code(summary: Summary) -> int:
    """Give the exit code of a run without a gate."""
    return DONE if summary.is_valid else NOT_VALID


def cache_notes(aftermath: Aftermath) -> list[str]:
    """Say how the caches were used, and why they missed."""
    named = (("answers", aftermath.answers), ("grades", aftermath.grades))
    return [
        _cache_note(name, use)
        for name, use in named
        if use is not None and (use.hits or use.misses)
    ]


def _cache_note(name: str, use: CacheUse) -> str:
    reasons = ", ".join(f"{number} {reason}" for reason, number in use.misses.most_common())
    missed = f", {use.misses.total()} not ({reasons})" if reasons else ""
    return f"cache of {name}: {use.hits} found{missed}"
