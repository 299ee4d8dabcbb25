"""Evaluate from Python: values in, a run out."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from regrade.domain import Case, Dataset, Run, Target
from regrade.suites import make_suite

from .running import run_suite
from .stored import open_store
from .waiting import edge


async def evaluate_async(
    target: Target | Callable[..., Any] | str | Mapping[str, Any],
    dataset: Sequence[Case | Mapping[str, Any]] | Dataset | str | Path,
    *,
    objective: str,
    criteria: Mapping[str, str] | Sequence[str],
    graders: Sequence[Any] | None = None,
    name: str = "evaluation",
    store: str | Path | None = "",
    label: str | None = None,
    **settings: Any,
) -> Run:
    """Ask the target every case, judge the answers, keep the run, and give it with its summary.

    `graders` are those of `regrade.graders`, functions of case and trace, or objects as in a suite
    file; left out, the cases' expectations imply them. `settings` are the other keys of a suite
    file. `store` is the path of a database; None keeps nothing, and left out it is the one that
    `REGRADE_DB` names.
    Raises: SuiteError, TargetSetupError, StoreError.
    """
    content = {
        "name": name,
        "objective": objective,
        "criteria": criteria,
        "dataset": dataset,
        "target": target,
        **({} if graders is None else {"graders": graders}),
        **settings,
    }
    suite = make_suite(content, folder=Path.cwd())
    with nullcontext() if store is None else open_store(store) as opened:
        done = await run_suite(suite, store=opened, label=label)
        return done.run


evaluate = edge(evaluate_async)
