"""Type-I error and power: how often a test says something where nothing is, and where something is."""

import math

import numpy as np

from regrade.stats import mcnemar_n
from regrade.stats.differences import paired_ci, tango_ci, verdict
from regrade.stats.exact import (
    mcnemar,
    mcnemar_power_exact,
    n_required_paired,
    signflip_exact,
    stratified_exact,
)
from regrade.stats.gates import group_sequential, paired_eprocess
from regrade.stats.multiple import bh, by, can_reject, holm
from regrade.stats.trials import pass_at_k, pass_hat_k

from .rows import Row, Section

Z = 1.959963984540054
ALPHA = 0.05


def one_trial(repeats: int, chance: np.random.Generator) -> Section:
    """One trial a case, nothing changed."""
    rows = []
    for n, psi in ((50, 0.1), (200, 0.1), (200, 0.2), (500, 0.05)):
        hits: dict[str, int] = dict.fromkeys(
            ("mcnemar exact", "mcnemar mid-p", "verdict", "asymptotic", "two samples"), 0
        )
        for _ in range(repeats):
            w, m = (int(each) for each in chance.multinomial(n, (psi / 2, psi / 2, 1 - psi))[:2])
            both = int(chance.binomial(n - w - m, 0.9))
            test = mcnemar(w, m)
            hits["mcnemar exact"] += test.exact <= ALPHA
            hits["mcnemar mid-p"] += test.midp <= ALPHA
            said = verdict(tango_ci(w, m, n), test.midp, None, ALPHA)
            hits["verdict"] += said != "not_enough_evidence"
            hits["asymptotic"] += w + m > 0 and abs(w - m) / math.sqrt(max(w + m, 1)) >= Z
            hits["two samples"] += _two_samples(both + w, both + m, n)
        shares = {name: number / repeats for name, number in hits.items()}
        ours = ("mcnemar exact", "mcnemar mid-p", "verdict")
        rows.append(
            Row(
                f"{n} cases, {psi:.0%} differ",
                {name: shares[name] for name in ours},
                {name: share for name, share in shares.items() if name not in ours},
                repeats,
                "≤ 0.05",
            )
        )
    note = "`verdict` asks the interval and the test; two samples throw the pairing away, and are blind for it."
    return Section("One trial a case", "false alarms where nothing changed", tuple(rows), note)


def _two_samples(a: int, b: int, n: int) -> bool:
    p = (a + b) / (2 * n)
    return 0 < p < 1 and abs(b - a) / n >= Z * math.sqrt(2 * p * (1 - p) / n)


def trials_and_clusters(repeats: int, chance: np.random.Generator) -> Section:
    """Several trials, and clusters, nothing changed."""
    rows = []
    for cases, k in ((50, 3), (100, 5)):
        hits = np.zeros(3)
        for _ in range(repeats):
            p = chance.beta(1.2, 0.3, cases)
            a, b = chance.binomial(k, p), chance.binomial(k, p)
            test = stratified_exact(
                *(each.tolist() for each in (a, np.full(cases, k), b, np.full(cases, k)))
            )
            interval = paired_ci(((b - a) / k).tolist(), clusters=range(cases))
            said = verdict(interval, test.midp, None, ALPHA)
            pooled = _two_samples(int(a.sum()), int(b.sum()), cases * k)
            hits += [test.midp <= ALPHA, said != "not_enough_evidence", pooled]
        rows.append(
            Row(
                f"{cases} cases of {k} trials",
                {"stratified_exact mid-p": hits[0] / repeats, "verdict": hits[1] / repeats},
                {"two samples of all trials": hits[2] / repeats},
                repeats,
                "≤ 0.05",
            )
        )
    for groups, size in ((20, 5), (40, 5)):
        hits = np.zeros(3)
        for _ in range(repeats):
            shift = chance.normal(0, 1.0, groups)[:, None]
            base = chance.normal(1.5, 0.8, (groups, size))
            p = 1 / (1 + np.exp(-np.stack((base - shift / 2, base + shift / 2))))
            before, after = chance.random((2, groups, size)) < p
            d = after.astype(int) - before.astype(int)
            flat = mcnemar(int((d > 0).sum()), int((d < 0).sum()))
            names = np.repeat(np.arange(groups), size).tolist()
            test = signflip_exact(d.sum(axis=1).tolist())
            said = verdict(paired_ci(d.ravel().tolist(), clusters=names), test.midp, None, ALPHA)
            hits += [test.midp <= ALPHA, said != "not_enough_evidence", flat.midp <= ALPHA]
        rows.append(
            Row(
                f"{groups} clusters of {size} that move together",
                {"signflip_exact mid-p": hits[0] / repeats, "verdict": hits[1] / repeats},
                {"McNemar as if independent": hits[2] / repeats},
                repeats,
                "≤ 0.05",
            )
        )
    return Section(
        "Trials and clusters",
        "false alarms where nothing changed",
        tuple(rows),
        "Two samples of all trials are blind rather than wrong: cases differ more than versions do.",
    )


def many(repeats: int, chance: np.random.Generator) -> Section:
    """Ten slices of forty cases and four criteria, nothing changed."""
    hits: dict[str, int] = dict.fromkeys(
        ("holm", "tarone and holm", "bh", "by", "uncorrected", "drops of 5 points"), 0
    )
    for _ in range(repeats):
        moved = [chance.multinomial(40, (0.04, 0.04, 0.92))[:2] for _ in range(40)]
        p = [mcnemar(int(w), int(m)).midp for w, m in moved]
        able = [
            at for at, can in enumerate(can_reject([int(w + m) for w, m in moved], ALPHA)) if can
        ]
        hits["holm"] += min(holm(p)) <= ALPHA
        hits["tarone and holm"] += bool(able) and min(holm([p[at] for at in able])) <= ALPHA
        hits["bh"] += min(bh(p)) <= 0.1
        hits["by"] += min(by(p)) <= 0.1
        hits["uncorrected"] += min(p) <= ALPHA
        hits["drops of 5 points"] += any(m - w >= 2 for w, m in moved)
    shares = {name: number / repeats for name, number in hits.items()}
    naive = ("uncorrected", "drops of 5 points")
    row = Row(
        "10 slices of 40 cases × 4 criteria",
        {name: share for name, share in shares.items() if name not in naive},
        {name: shares[name] for name in naive},
        repeats,
        "≤ 0.05 (bh, by: ≤ 0.1)",
    )
    return Section("Many slices and criteria", "comparisons with any false alarm", (row,))


def looks(repeats: int, chance: np.random.Generator) -> Section:
    """Looking three times, and after every case, nothing changed."""
    levels = group_sequential([1 / 3, 2 / 3, 1], ALPHA).alpha
    hits = np.zeros(3)
    for _ in range(repeats):
        p = chance.beta(1.2, 0.3, 100)
        a = b = np.zeros(100, dtype=int)
        found = [False, False]
        for look, level in enumerate(levels, start=1):
            a, b = a + chance.binomial(1, p), b + chance.binomial(1, p)
            k = np.full(100, look)
            less = stratified_exact(*(each.tolist() for each in (a, k, b, k))).p_less
            found = [found[0] or less <= level, found[1] or less <= ALPHA]
        green = _rerun_until_green(chance, p)
        hits += [*found, green]
    rows = [
        Row(
            "three looks at further trials of 100 cases",
            {"group_sequential": hits[0] / repeats},
            {"5 % at every look": hits[1] / repeats},
            repeats,
            "≤ 0.05",
        ),
    ]
    worse = np.zeros(2)
    for _ in range(repeats):
        d = chance.permutation(np.repeat([1, -1, 0], [40, 40, 120]))
        fortunes = paired_eprocess(d.tolist(), 200)
        wins, losses = np.cumsum(d > 0), np.cumsum(d < 0)
        peeked = any(
            mcnemar(int(w), int(m)).midp <= 2 * ALPHA and m > w
            for w, m in zip(wins[19::10], losses[19::10], strict=True)
        )
        worse += [max(fortunes) >= 1 / ALPHA, peeked]
    rows.append(
        Row(
            "a look after every ten of 200 cases in random order",
            {"paired_eprocess": worse[0] / repeats},
            {"McNemar at every look": worse[1] / repeats},
            repeats,
            "≤ 0.05",
        )
    )
    drop = np.zeros(3)
    for _ in range(repeats):
        p = np.clip(chance.beta(6, 0.5, 500), 0, 1)
        now = np.clip(p - 0.05, 0, 1)
        a, b = chance.binomial(3, p), chance.binomial(3, now)
        k = np.full(500, 3)
        once = stratified_exact(*(each.tolist() for each in (a, k, b, k))).p_less <= ALPHA
        drop += [once, not _rerun_until_green(chance, p, now), not _retry_failed(chance, p, now)]
    shares = (drop / repeats).tolist()
    rows.append(
        Row(
            "a real drop of 5 points, 500 cases: how often it is found",
            {"stratified_exact, 3 trials": shares[0]},
            {"re-run until green, 3 times": shares[1], "retry failed cases, 3 times": shares[2]},
            repeats,
            "1",
        )
    )
    return Section("Looking more than once", "false alarms, and a drop that is found", tuple(rows))


def _fails(before: np.ndarray, after: np.ndarray) -> bool:
    return mcnemar(
        int((after > before).sum()), int((after < before).sum())
    ).exact / 2 <= ALPHA and bool(after.sum() < before.sum())


def _rerun_until_green(
    chance: np.random.Generator, p: np.ndarray, now: np.ndarray | None = None
) -> bool:
    """Whether one of three runs is not shown to be worse than the stored baseline."""
    before = chance.binomial(1, p)
    return any(not _fails(before, chance.binomial(1, p if now is None else now)) for _ in range(3))


def _retry_failed(chance: np.random.Generator, p: np.ndarray, now: np.ndarray) -> bool:
    """Whether the change ships when failed cases are tried up to three times."""
    before, after = chance.binomial(1, p), chance.binomial(1, now)
    for _ in range(2):
        after = np.where(after == 1, 1, chance.binomial(1, now))
    return not _fails(before, after)


def sizes(repeats: int, chance: np.random.Generator) -> Section:
    """Cases that were worked out for a power of 80 %."""
    rows = []
    for delta, psi in ((0.05, 0.1), (0.1, 0.2)):
        n = mcnemar_n(delta, psi)
        power = mcnemar_power_exact(n, delta, psi, kind="midp")
        rows.append(
            Row(
                f"a change of {delta * 100:g} points, {psi:.0%} differ: {n} cases",
                {"mcnemar_n": power},
                {},
                None,
                "0.8",
            )
        )
    n = n_required_paired(0.4, 0.05)
    hits = 0
    for _ in range(repeats):
        d = np.clip(chance.normal(0.05, 0.4, n), -1, 1)
        hits += abs(d.mean()) >= Z * d.std(ddof=1) / math.sqrt(n)
    rows.append(
        Row(
            f"a mean difference of 0.05, deviation 0.4: {n} cases",
            {"n_required_paired": hits / repeats},
            {},
            repeats,
            "0.8",
        )
    )
    return Section("How many cases", "power", tuple(rows))


def passes(repeats: int, chance: np.random.Generator) -> Section:
    """pass@k and pass^k of five trials, against the truth."""
    ours = np.zeros(2)
    naive = np.zeros(2)
    truth = np.zeros(2)
    for _ in range(repeats):
        p = chance.beta(1.2, 0.3, 50)
        c = chance.binomial(5, p)
        rate = float((c / 5).mean())
        ours += [
            float(np.mean([pass_at_k(5, int(each), 4) for each in c])),
            float(np.mean([pass_hat_k(5, int(each), 4) for each in c])),
        ]
        naive += [1 - (1 - rate) ** 4, rate**4]
        truth += [float(np.mean(1 - (1 - p) ** 4)), float(np.mean(p**4))]
    rows = [
        Row(
            f"{name} of 50 cases",
            {function: ours[at] / repeats},
            {"of the mean rate": naive[at] / repeats},
            repeats,
            f"{truth[at] / repeats:.3f}",
        )
        for at, (name, function) in enumerate((("pass@4", "pass_at_k"), ("pass^4", "pass_hat_k")))
    ]
    return Section("Several trials of a case", "mean estimate", tuple(rows))


SECTIONS = (one_trial, trials_and_clusters, many, looks, sizes, passes)
"""Every simulation of tests."""
