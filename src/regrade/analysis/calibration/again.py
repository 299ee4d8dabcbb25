"""The same answers judged again: how often a judge changes its mind, and whether it has moved away
from people since.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from regrade.domain.grade import Rejudgement
from regrade.stats import Interval, wilson
from regrade.stats.exact import mcnemar

from .items import Item, Place

SURE = 0.05
"""The two-sided p-value below which a judge has drifted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """A judge that judged the same answers again."""

    judged_at: datetime
    """When it did, the last time."""
    answers: int
    """Answers that it judged again, with a verdict each time."""
    times: int
    """How often each."""
    flipped: int
    """Answers whose verdicts were not all alike; 0 where each was judged once."""
    flips: Interval
    """The interval of their share; [0, 1] where each was judged once."""
    failures: int
    """Times that it gave no verdict."""
    labelled: int
    """Answers with a label of people among them."""
    agreed_then: int
    """Those on which the judge of the run agrees with people."""
    agreed_now: int
    """Those on which it does now, by its majority."""
    p: float
    """Two-sided: how likely so large a move is where the judge did not drift (McNemar, mid-p)."""

    @property
    def has_drifted(self) -> bool:
        """Whether it surely agrees more or less than it did; the answers are the same, so that nothing
        else can have changed.
        """
        return self.p <= SURE


def judged_again(
    items: Sequence[Item], human: Mapping[Place, bool], again: Sequence[Rejudgement]
) -> Again | None:
    """Compare the last time that answers were judged again with the run and with people.

    None where they never were.
    """
    then = {item.place: item.passed for item in items}
    known = [each for each in again if (each.pairing_key, each.answer) in then]
    if not known:
        return None
    newest = max(each.judged_at for each in known)
    last = [each for each in known if each.judged_at == newest]
    said: dict[Place, list[bool]] = {}
    for each in last:
        if each.passed is not None:
            said.setdefault((each.pairing_key, each.answer), []).append(each.passed)
    times = max((len(votes) for votes in said.values()), default=0)
    flipped = sum(len({*votes}) > 1 for votes in said.values())
    shares = {place: sum(votes) / len(votes) for place, votes in said.items()}
    now = {place: share > 0.5 for place, share in shares.items() if share != 0.5}
    pairs = [(then[place] == human[place], now[place] == human[place]) for place in now if place in human]  # fmt: skip
    gained, lost = pairs.count((False, True)), pairs.count((True, False))
    return Again(
        judged_at=newest,
        answers=len(said),
        times=times,
        flipped=flipped,
        flips=wilson(flipped, len(said)) if times > 1 else Interval(0.0, 1.0),
        failures=sum(each.passed is None for each in last),
        labelled=len(pairs),
        agreed_then=sum(then for then, _ in pairs),
        agreed_now=sum(now for _, now in pairs),
        p=mcnemar(gained, lost).midp,
    )
