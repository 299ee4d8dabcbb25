"""What a judge favours, beside what people say of the same answers."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from regrade.stats.more_intervals import t_ci
from regrade.stats.people.judges import BiasGap, judge_bias_gap

from .items import Item, Labelled

LEAST_GAP = 0.05
"""The gap below which nothing is told."""
FEWEST = 5
"""Labelled answers on a side below which nothing is told."""
_FORMATTED = re.compile(
    r"^\s*(?:[-*+•]|\d+[.)])\s+\S|^#{1,6}\s|\*\*\S|^```|^\s*\|.*\|\s*$", re.MULTILINE
)
"""A list, a heading, bold words, a block of code or a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bias:
    """How much more than people a judge favours one kind of answer."""

    name: str
    """The kind, in words: `long answers`."""
    gap: BiasGap
    """The gap, in shares, beside the other answers; where there are none, beside people alone."""
    n: int
    """Labelled answers of the kind."""
    others: int
    """Labelled answers of any other kind."""

    @property
    def is_told(self) -> bool:
        """Whether it is surely there, and large enough to matter."""
        low, high = self.gap.interval
        return (low > 0 or high < 0) and abs(self.gap.gap) > LEAST_GAP


IsOwn = Callable[[str, str], bool]
"""Whether a judge and a model that answered are of one family."""


def biases(used: Sequence[Labelled], is_own: IsOwn) -> tuple[Bias, ...]:
    """Measure whether long answers (the longest third), formatted ones, and those of the judge's own
    family are favoured; a kind that there is none of is left out.
    """
    lengths = sorted(each.item.length for each in used)
    cut = lengths[(2 * len(lengths)) // 3] if lengths else 0
    kinds: dict[str, Callable[[Labelled], bool]] = {
        "long answers": lambda each: each.item.length >= cut,
        "formatted answers": lambda each: bool(_FORMATTED.search(each.item.text)),
        OWN: lambda each: of_own_family(each.item, is_own),
    }
    found = (_bias(name, used, belongs) for name, belongs in kinds.items())
    return tuple(each for each in found if each is not None)


OWN = "answers of its own family"
"""The kind of answers that judges tend to favour."""


def of_own_family(item: Item, is_own: IsOwn) -> bool:
    """Whether a model of a judge's own family gave an answer."""
    return item.model is not None and any(is_own(judge, item.model) for judge in item.judges)


def _bias(name: str, used: Sequence[Labelled], belongs: Callable[[Labelled], bool]) -> Bias | None:
    own = [each for each in used if belongs(each)]
    others = [each for each in used if not belongs(each)]
    if len(own) < FEWEST or (len(others) < FEWEST and name != OWN):
        return None
    judge, human = _values(own)
    if len(others) >= FEWEST:
        gap = judge_bias_gap(judge, human, *_values(others))
    else:
        errors = [mine - theirs for mine, theirs in zip(judge, human, strict=True)]
        gap = BiasGap(fmean(errors), t_ci(errors))
    return Bias(name=name, gap=gap, n=len(own), others=len(others))


def _values(some: Sequence[Labelled]) -> tuple[list[float], list[float]]:
    return [float(e.item.passed) for e in some], [float(e.human) for e in some]
