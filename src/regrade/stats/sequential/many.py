"""Many questions asked by evidence: which of them are answered, with few false ones among them."""

from collections.abc import Sequence


def e_bh(evidence: Sequence[float], alpha: float = 0.1) -> list[bool]:
    """Say which null hypotheses are rejected: among these, false ones are at most a share alpha on average.

    Shapes: one e-value each, not negative. Valid whatever depends on whatever, and at any stopping time of
    e-processes; not for e-detectors, which are no e-values.
    Source: Wang and Ramdas 2022, Journal of the Royal Statistical Society B 84:822-852 (e-BH).
    """
    m = len(evidence)
    order = sorted(range(m), key=lambda at: -evidence[at])
    most = 0
    for k, at in enumerate(order, 1):
        if evidence[at] * k >= m / alpha:
            most = k
    rejected = {*order[:most]}
    return [at in rejected for at in range(m)]
