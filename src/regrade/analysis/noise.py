"""The noise of a suite: how much runs of one version differ, which cases are to blame, and what can
therefore be seen. Loads numpy and scipy, and is imported by its own name.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from regrade.analysis.comparison.both import Both
from regrade.analysis.comparison.pairing import PASS, Counts
from regrade.analysis.gate.error import alpha_of
from regrade.analysis.gate.regressions import drops, watched
from regrade.domain import Case, Estimate, GateRules, Run
from regrade.stats import detectable_change, mcnemar_n, wilson
from regrade.stats.trials import flaky_posterior

ASSUMED_DISCORDANCE = 0.1
"""The share of cases that differ between two runs of one version, where no run says."""
SHUFFLES = 200
"""How often two runs are exchanged at random, case by case, to see how often the gate fails."""
FLAKY_ABOVE = 0.9
"""The chance of a rate between 10 % and 90 % above which a case is called flaky."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsteadyCase:
    """A case whose outcome differs between trials of one version."""

    case: str
    """Its id."""
    passes: int
    """Passes."""
    trials: int
    """Judged trials."""
    share: float
    """Its part of the suite's noise."""
    is_flaky: bool
    """Whether its rate surely lies between 10 % and 90 %: about ten trials show it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """What runs of one version say of a suite."""

    runs: int
    """Runs that were looked at."""
    cases: int
    """Cases that all of them judged."""
    discordance: Estimate
    """The share of cases whose outcome differs between two of the runs."""
    unsteady: tuple[UnsteadyCase, ...]
    """The cases that make the noise, the noisiest first."""
    grading: Estimate | None
    """The share of grades that came out otherwise when the same output was judged again; None where
    that was not tried."""
    false_alarms: Estimate | None
    """How often the gate's look for regressions would fail although nothing changed; None without a
    gate that looks for them."""


def noise_of(
    runs: Sequence[Run], rules: GateRules | None, *, again: Run | None = None, seed: int = 0
) -> Noise:
    """Measure the noise between runs of one version.

    `again` is the first run judged again. The false alarms come of exchanging the first two runs at
    random, case by case: whatever differs between them then is noise.
    Raises: ValueError for fewer than two runs, or runs without a case of both.
    """
    if len(runs) < 2:
        raise ValueError("the noise of a suite needs two runs of one version at least")
    both = Both.of(runs[0], runs[1])
    cell = both.cell(PASS).judged()
    n = len(cell.before.passes)
    if not n:
        raise ValueError("the runs have no judged case in common")
    rates = [counts.passes / counts.trials for counts in (cell.before, cell.after)]
    differing = float(np.mean(rates[0] * (1 - rates[1]) + rates[1] * (1 - rates[0])))
    return Noise(
        runs=len(runs),
        cases=n,
        discordance=Estimate(differing, *wilson(differing * n, n), n, method="wilson"),
        unsteady=tuple(_unsteady(runs)),
        grading=None if again is None else _grading(runs[0], again),
        false_alarms=None
        if rules is None or rules.margin is None
        else _false_alarms(both, rules, seed),
    )


def _unsteady(runs: Sequence[Run]) -> list[UnsteadyCase]:
    counts: dict[str, list[int]] = {}
    for run in runs:
        for attempt in run.attempts:
            if attempt.outcome != "ungraded":
                own = counts.setdefault(attempt.case.id, [0, 0])
                own[0] += attempt.outcome == "passed"
                own[1] += 1
    spread = {case: 2 * c / k * (1 - c / k) for case, (c, k) in counts.items()}
    total = sum(spread.values())
    found = [
        UnsteadyCase(
            case=case,
            passes=c,
            trials=k,
            share=spread[case] / total,
            is_flaky=flaky_posterior(c, k) > FLAKY_ABOVE,
        )
        for case, (c, k) in counts.items()
        if 0 < c < k
    ]
    return sorted(found, key=lambda each: (-each.share, each.case))


def _grading(first: Run, again: Run) -> Estimate:
    """How many grades differ when the same outputs are judged again."""
    known = {
        (a.case.id, a.trial, g.spec.name): g.passed
        for a in first.attempts
        for g in a.grades
        if g.spec
    }
    differing = total = 0
    for attempt in again.attempts:
        for grade in attempt.grades:
            if grade.spec is not None:
                key = (attempt.case.id, attempt.trial, grade.spec.name)
                total += key in known
                differing += key in known and known[key] != grade.passed
    value = differing / total if total else None
    return Estimate(value, *wilson(differing, total), total, method="wilson")


def _false_alarms(both: Both, rules: GateRules, seed: int) -> Estimate:
    chance = random.Random(seed)  # noqa: S311  which runs are exchanged
    level, fails = alpha_of(rules), 0
    names = [name for name in both.before if name in both.after]
    for _ in range(SHUFFLES):
        flips = np.array([chance.random() < 0.5 for _ in both.matched])
        shuffled = replace(
            both,
            before={name: _mixed(both.before[name], both.after[name], flips) for name in names},
            after={name: _mixed(both.after[name], both.before[name], flips) for name in names},
        )
        results = drops(watched(rules, shuffled, set(), set()), rules.min_drop, level)
        fails += any(result.outcome == "fail" for result in results)
    return Estimate(fails / SHUFFLES, *wilson(fails, SHUFFLES), SHUFFLES, method="wilson")


def _mixed(own: Counts, other: Counts, flips: np.ndarray) -> Counts:
    return Counts(
        np.where(flips, other.passes, own.passes), np.where(flips, other.trials, own.trials)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """What a number of cases can show."""

    name: str
    """The slice, or `all cases`."""
    cases: int
    """Its cases."""
    detectable: float | None
    """The smallest change that a comparison shows; None where it shows none."""
    gate_detectable: float | None
    """The smallest drop that the gate shows; None where it shows none, or there is no gate."""
    needed: int
    """Cases that show a change of the margin."""


def power_of(
    cases: Sequence[Case],
    slices: Sequence[str] | None,
    *,
    discordance: float,
    margin: float,
    level: float | None,
) -> list[Power]:
    """Say what the cases of a suite can show, all of them and by slice, with a power of 80 %.

    `level` is the gate's one-sided error; None without one.
    """
    groups: dict[str, int] = {"all cases": len(cases)}
    values: dict[str, dict[str, int]] = {}
    for case in cases:
        for tag, value in case.dimensions.items():
            if slices is None or tag in slices:
                of_tag = values.setdefault(tag, {})
                of_tag[value] = of_tag.get(value, 0) + 1
    for tag in sorted(values):
        if slices is not None or len(values[tag]) <= 20:
            groups |= {f"{tag} {value}": number for value, number in sorted(values[tag].items())}
    return [
        Power(
            name=name,
            cases=n,
            detectable=detectable_change(n, discordance),
            gate_detectable=None if level is None else detectable_change(n, discordance, 2 * level),
            needed=mcnemar_n(margin, min(1.0, discordance + margin)),
        )
        for name, n in groups.items()
    ]


def discordance_of(runs: Sequence[Run]) -> tuple[float, str]:
    """Estimate how many cases differ between two runs of one version: of two such runs, else of the
    trials of one, else assumed; and say of what.
    """
    for at, run in enumerate(runs):
        for other in runs[at + 1 :]:
            same = run.header.target_version == other.header.target_version
            if same and run.header.dataset_version == other.header.dataset_version:
                value = noise_of([run, other], None).discordance.value or 0.0
                return (
                    value,
                    f"the runs {other.header.run_id} and {run.header.run_id}",
                )
    for run in runs:
        rates = [*_rates(run)]
        if rates:
            spread = sum(2 * rate * (1 - rate) for rate in rates) / len(rates)
            return spread, f"the trials of {run.header.run_id}"
    return ASSUMED_DISCORDANCE, "nothing: it is assumed; `regrade aa SUITE` measures it"


def _rates(run: Run) -> Iterator[float]:
    counts: dict[str, list[int]] = {}
    for attempt in run.attempts:
        if attempt.outcome != "ungraded":
            found = counts.setdefault(attempt.case.id, [0, 0])
            found[0] += attempt.outcome == "passed"
            found[1] += 1
    yield from (c / k for c, k in counts.values() if k > 1)
