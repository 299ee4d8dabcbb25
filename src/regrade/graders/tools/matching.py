"""Which of the calls that were made answer to which of the expected ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from regrade.domain import ToolCall

Order = Literal["any", "in_order", "exact"]
Fits = Callable[[ToolCall, ToolCall], bool]
"""Takes an expected call and one that was made."""


@dataclass(frozen=True, slots=True)
class Matching:
    """Who answers to whom, by position."""

    made: dict[int, int]
    """Expected call to the call that answers to it."""
    missing: tuple[int, ...]
    """Expected calls that nothing answers to."""
    extra: tuple[int, ...]
    """Calls that answer to nothing expected."""


def match(
    expected: Sequence[ToolCall], made: Sequence[ToolCall], order: Order, fits: Fits
) -> Matching:
    """Match as many expected calls as can be: in any order, in their order with others between
    (`in_order`), or place by place (`exact`).
    """
    if order == "exact":
        found = {
            at: at for at in range(min(len(expected), len(made))) if fits(expected[at], made[at])
        }
    elif order == "in_order":
        found = _in_order(expected, made, fits)
    else:
        found = _any_order(expected, made, fits)
    answered = {*found.values()}
    return Matching(
        made=found,
        missing=tuple(at for at in range(len(expected)) if at not in found),
        extra=tuple(at for at in range(len(made)) if at not in answered),
    )


def _in_order(expected: Sequence[ToolCall], made: Sequence[ToolCall], fits: Fits) -> dict[int, int]:
    """The longest common subsequence, by the textbook table."""
    rows, columns = len(expected), len(made)
    best = [[0] * (columns + 1) for _ in range(rows + 1)]
    for i in reversed(range(rows)):
        for j in reversed(range(columns)):
            skip = max(best[i + 1][j], best[i][j + 1])
            best[i][j] = max(skip, best[i + 1][j + 1] + 1) if fits(expected[i], made[j]) else skip
    found: dict[int, int] = {}
    i = j = 0
    while i < rows and j < columns:
        if fits(expected[i], made[j]) and best[i][j] == best[i + 1][j + 1] + 1:
            found[i] = j
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    return found


def _any_order(
    expected: Sequence[ToolCall], made: Sequence[ToolCall], fits: Fits
) -> dict[int, int]:
    """A largest matching by augmenting paths (Kuhn 1955): a greedy one may give a call away that
    another expectation needs.
    """
    edges = [[j for j, call in enumerate(made) if fits(each, call)] for each in expected]
    taken: dict[int, int] = {}

    def place(i: int, seen: set[int]) -> bool:
        for j in edges[i]:
            if j in seen:
                continue
            seen.add(j)
            if j not in taken or place(taken[j], seen):
                taken[j] = i
                return True
        return False

    for i in range(len(expected)):
        place(i, set())
    return {i: j for j, i in taken.items()}
