"""The verbs: each goes down through the floors once and comes up once.

They load when they are first used: showing a stored run needs neither graders nor targets.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regrade.suites import load_suite

    from .comparing import compare, compare_runs, rank_runs
    from .doctoring import Fact, examine_installation
    from .evaluating import evaluate, evaluate_async
    from .examining import (
        check_suite,
        early_baseline,
        measure_noise,
        measure_power,
        mutate_run,
        never_graded,
        plan_suite,
    )
    from .gating import (
        Gated,
        comment_on_review,
        find_baseline,
        gate_levels,
        gate_of,
        gate_run,
        pool_runs,
        write_baseline,
    )
    from .keeping import Watch
    from .models import AskedModel, chat_model
    from .people.calibrating import judge_notes, measure_judges
    from .people.label_files import write_label_sheet
    from .people.rejudging import judge_again
    from .people.solving import have_judges_answer
    from .regrading import regrade, regrade_stored
    from .running import Aftermath, Done, run_suite
    from .stored import find_run, has_store, load_attempts, load_history, load_run, open_store
    from .trying import try_quarantined
    from .waiting import blocking

_HOMES = {
    "api.comparing": "compare compare_runs rank_runs",
    "api.doctoring": "Fact examine_installation",
    "api.evaluating": "evaluate evaluate_async",
    "api.gating": "Gated comment_on_review find_baseline gate_levels gate_of gate_run pool_runs write_baseline",
    "api.keeping": "Watch",
    "api.examining": "check_suite early_baseline measure_noise measure_power mutate_run never_graded plan_suite",
    "api.models": "AskedModel chat_model",
    "api.people.calibrating": "judge_notes measure_judges",
    "api.people.label_files": "write_label_sheet",
    "api.people.rejudging": "judge_again",
    "api.people.solving": "have_judges_answer",
    "api.regrading": "regrade regrade_stored",
    "api.running": "Aftermath Done run_suite",
    "api.stored": "find_run has_store load_attempts load_history load_run open_store",
    "api.trying": "try_quarantined",
    "api.waiting": "blocking",
    "suites": "load_suite",
}
"""The module of every verb."""

__all__ = [
    "Aftermath",
    "AskedModel",
    "Done",
    "Fact",
    "Gated",
    "Watch",
    "blocking",
    "chat_model",
    "check_suite",
    "comment_on_review",
    "compare",
    "compare_runs",
    "early_baseline",
    "evaluate",
    "evaluate_async",
    "examine_installation",
    "find_baseline",
    "find_run",
    "gate_levels",
    "gate_of",
    "gate_run",
    "has_store",
    "have_judges_answer",
    "judge_again",
    "judge_notes",
    "load_attempts",
    "load_history",
    "load_run",
    "load_suite",
    "measure_judges",
    "measure_noise",
    "measure_power",
    "mutate_run",
    "never_graded",
    "open_store",
    "plan_suite",
    "pool_runs",
    "rank_runs",
    "regrade",
    "regrade_stored",
    "run_suite",
    "try_quarantined",
    "write_baseline",
    "write_label_sheet",
]


def __getattr__(name: str) -> Any:
    home = next((home for home, names in _HOMES.items() if name in names.split()), None)
    if home is None:
        raise AttributeError(f"module 'regrade.api' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"regrade.{home}"), name)
    return found
