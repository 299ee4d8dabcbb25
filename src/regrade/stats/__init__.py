"""Statistics: lists of numbers in, estimates out. Knows no case and no run.

`clustered` loads numpy and scipy, and is therefore imported by its own name where it is needed.
"""

from .intervals import Interval, normal_quantile, quantile, quantile_ci, quantile_min_n, wilson
from .paired import detectable_change, mcnemar_mde, mcnemar_n

__all__ = [
    "Interval",
    "detectable_change",
    "mcnemar_mde",
    "mcnemar_n",
    "normal_quantile",
    "quantile",
    "quantile_ci",
    "quantile_min_n",
    "wilson",
]
