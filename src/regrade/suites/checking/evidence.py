"""How much a dataset can show: the smallest drop that it can detect, and what earlier runs say of
its cases.
"""

from collections.abc import Iterator, Mapping

from regrade.analysis import ItemFindings
from regrade.domain import Suite
from regrade.stats import mcnemar_mde, mcnemar_n

from .finding import Finding

DISCORDANCE = 0.1
"""The share of cases that come out differently in two runs, assumed before runs can say."""
_USEFUL_DROP = 0.05
_SHOWN = 5


def detectable(suite: Suite) -> Iterator[Finding]:
    """Say which drop in pass rate a comparison on these cases can detect."""
    n = len(suite.dataset.cases)
    assumed = f"80 % power at 5 %, if {DISCORDANCE:.0%} of the cases come out differently"
    drop = mcnemar_mde(n, DISCORDANCE)
    enough = mcnemar_n(_USEFUL_DROP, DISCORDANCE)
    more = f"{enough} cases detect {_USEFUL_DROP:.0%}"
    if drop is None:
        yield Finding(
            "note",
            f"{n} cases can detect no drop in pass rate up to {DISCORDANCE:.0%} ({assumed}); {more}",
        )
        return
    said = (
        f"{n} cases can detect a drop in pass rate of {100 * drop:.1f} points or more ({assumed})"
    )
    yield Finding("note", said if n >= enough else f"{said}; {more}")


def by_experience(findings: ItemFindings, names: Mapping[str, str]) -> Iterator[Finding]:
    """Say what earlier runs say of the cases; `names` are the ids by pairing key."""
    seen = f"{findings.runs} earlier runs of {findings.versions} versions"
    if never := findings.never_failed:
        count = f"{len(never)} of {len(names)} cases never failed in {seen}"
        yield Finding("note", f"{count}: they tell no versions apart ({_some(never, names)})")
    if best := findings.failed_by_the_best:
        yield Finding(
            "warning",
            f"only the best versions fail {_some(best, names)} ({seen}): look whether the label is wrong",
        )


def _some(keys: tuple[str, ...], names: Mapping[str, str]) -> str:
    shown = ", ".join(repr(names[key]) for key in keys[:_SHOWN])
    return shown + (f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else "")
