"""A judge's model at the work that it judges: it answers the suite's own cases."""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from regrade.api.keeping import Watch
from regrade.api.running import run_suite
from regrade.api.stored import load_run
from regrade.domain import ChatModel, Grader, Run, Suite, SuiteOutline
from regrade.domain.errors import UsageError
from regrade.store import Store
from regrade.targets import ChatTarget

if TYPE_CHECKING:
    from regrade.analysis.calibration import Solver


def solver_suite(suite: str, model: str) -> str:
    """Name the suite under which the runs of a judge's own answers are kept."""
    return f"{suite} answered by {model}"


async def have_judges_answer(
    suite: Suite,
    *,
    store: Store,
    max_cost_usd: float | None = None,
    watch: Watch | None = None,
) -> list[Run]:
    """Have every model that judges in a suite answer its cases itself, judged by the graders that ask no
    language model; gives a run for each, kept under a suite of its own.

    A suite whose target is a language model alone asks the judge's with the same messages; any other
    asks it with the objective and the criteria, and the case's context and input.
    Raises: UsageError where no model judges, or nothing but language models decides.
    """
    models = {model.name: model for grader in suite.graders for model in _asked(grader)}
    graders = tuple(grader for grader in suite.graders if _proves(grader))
    if not models:
        raise UsageError(f"no language model judges in {suite.outline.name}")
    if not graders:
        raise UsageError(
            f"no grader of {suite.outline.name} proves an answer right without a language model: there is nothing that "
            "a judge could answer itself"
        )
    settings = replace(suite.settings, trials=1, max_cost_usd=max_cost_usd)
    found = []
    for name, model in models.items():
        own = replace(
            suite,
            outline=_outline(suite.outline, name, graders),
            target=_target(suite, model),
            graders=graders,
            settings=settings,
            gate=None,
            fingerprint={},
        )
        found.append((await run_suite(own, store=store, watch=watch)).run)
    return found


def _asked(grader: Grader) -> Iterable[ChatModel]:
    return getattr(grader, "asks", ())


def _proves(grader: Grader) -> bool:
    from regrade.analysis.calibration import NOT_OF_ANSWERS  # noqa: PLC0415  numpy and scipy

    spec = grader.spec
    return spec.component is None and spec.required and spec.identity.type not in NOT_OF_ANSWERS


def _outline(outline: SuiteOutline, model: str, graders: Iterable[Grader]) -> SuiteOutline:
    spoken_for = {grader.spec.criterion for grader in graders}
    return replace(
        outline,
        name=solver_suite(outline.name, model),
        criteria={key: text for key, text in outline.criteria.items() if key in spoken_for},
        components=(),
    )


def _target(suite: Suite, model: ChatModel) -> ChatTarget:
    if isinstance(suite.target, ChatTarget):
        return suite.target.asking(model)
    said = [suite.outline.objective, *suite.outline.criteria.values()]
    return ChatTarget(model, system="\n".join(said), params={"temperature": 0})


def solver_of(run: Run, judges: Iterable[str], *, store: Store) -> "Solver | None":
    """Compare the newest answers of a judge of a run with the run's own; None where it gave none."""
    for name in judges:
        headers = store.headers(suite=solver_suite(run.header.suite.name, name))
        newest = next((each for each in headers if each.status == "finished"), None)
        if newest is not None:
            from regrade.analysis.calibration import solved  # noqa: PLC0415  numpy and scipy

            return solved(run, load_run(newest.run_id, store=store))
    return None
