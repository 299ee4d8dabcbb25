"""Suites: read from a file, or put together from Python values; one way for both, every mistake at
once.
"""

import dataclasses
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from regrade.domain import Case, Component, Dataset, Grader, Json, RunSettings, Suite, SuiteOutline
from regrade.domain.errors import DatasetError, Problem, SuiteError, UsageError
from regrade.graders import Check
from regrade.targets import ComponentTarget

from .building import Builder, implied_graders, suggestion, ungraded_expectations
from .components import Judges, judges_alone, suite_with_gold
from .datasets import collect, load_dataset
from .gates import accepted, gate_rules
from .model import KEYS, SuitePart
from .quarantine import alone, set_aside
from .versions import fingerprint
from .yaml import Path_, Positions, read_yaml

NOT_READY = "if you cannot write success criteria, you are not ready to evaluate"
_SLUG = re.compile(r"[\W_]+")


def load_suite(
    path: Path,
    overrides: Mapping[str, Json] | None = None,
    *,
    only: str | None = None,
    with_gold: str | None = None,
    quarantined: bool = False,
) -> Suite:
    """Read a suite file (YAML or JSON); `overrides` replace values by dotted path, `only` gives the
    suite of one component alone, `with_gold` has one give its known-good output. Cases in quarantine are left
    out, or with `quarantined` all others.

    Raises: SuiteError with the place of everything that is wrong, UsageError when that cannot be
    done with the component.
    """
    content, positions = _read(path)
    for name, value in (overrides or {}).items():
        _override(content, name, value)
    suite = make_suite(
        content, folder=path.parent, positions=positions, only=only, with_gold=with_gold
    )
    return alone(suite) if quarantined else set_aside(suite)


def load_judges(path: Path, dataset: Dataset, *, only: str | None = None) -> Judges:
    """Read a suite file to judge attempts at the given cases, of the pipeline or of one component
    alone; its own target and cases do not matter.

    Raises: SuiteError with the place of everything that is wrong.
    """
    content, positions = _read(path)
    builder = Builder(path.parent, positions.where, content)
    part = _validated(
        {**_keys_of(content), "target": "stored:traces", "dataset": "stored"}, builder
    )
    if part is None:
        raise SuiteError(builder.problems)
    criteria = _criteria(part.criteria)
    graders = _graders(content.get("graders"), criteria, part, dataset, builder)
    if builder.problems:
        raise SuiteError(builder.problems)
    judges = Judges(_outline(part, criteria), tuple(graders), _settings(part))
    return judges if only is None else judges_alone(judges, only)


def _read(path: Path) -> tuple[dict[str, Json], Positions]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"the suite {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SuiteError(
            [Problem(f"this is not UTF-8: byte {error.start + 1} cannot be read", str(path))]
        ) from None
    content, positions = read_yaml(path, text)
    if not isinstance(content, dict):
        raise SuiteError(
            [
                Problem(
                    "a suite is an object with name, objective, criteria, dataset and target",
                    str(path),
                )
            ]
        )
    return content, positions


def _override(content: dict[str, Json], name: str, value: Json) -> None:
    *parents, last = name.split(".")
    place = content
    for parent in parents:
        place = place.setdefault(parent, {})
        if not isinstance(place, dict):
            raise UsageError(f"{name} cannot be set: {parent} is {place!r} and not an object")
    place[last] = value


def make_suite(
    content: Mapping[str, Any],
    *,
    folder: Path,
    positions: Positions | None = None,
    only: str | None = None,
    with_gold: str | None = None,
) -> Suite:
    """Make a suite of the keys of a suite file; target, graders and cases may also be Python
    objects. `only` and `with_gold` as in `load_suite`.

    Raises: SuiteError with everything that is wrong, UsageError as `load_suite`.
    """
    builder = Builder(folder, positions.where if positions else lambda path: None, content)
    keys = _keys_of(content)
    part = _validated(keys, builder)
    dataset = _dataset(content.get("dataset"), builder, positions)
    isolation = part.isolation if part else "thread"
    given = content.get("target")
    target = None if given is None else builder.target(given, ("target",), isolation=isolation)
    criteria = _criteria(part.criteria) if part else {}
    if part is None or dataset is None:
        builder.graders(
            keys.get("graders") or (), ("graders",)
        )  # what is wrong with them is worth saying anyway
        raise SuiteError(builder.problems)
    graders = _graders(content.get("graders"), criteria, part, dataset, builder)
    if builder.problems or target is None:
        raise SuiteError(builder.problems)
    notes = list(ungraded_expectations(dataset.cases)) if part.graders is None else []
    suite = Suite(
        outline=_outline(part, criteria),
        dataset=dataset,
        target=target,
        graders=tuple(graders),
        settings=_settings(part),
        gate=gate_rules(part.gate),
        accepted=accepted(part, builder),
        fingerprint=fingerprint(part.fingerprint, folder),
        plan={kind: tuple(steps) for kind, steps in part.plan.items()},
        alone=tuple(name for name, each in part.components.items() if each.target is not None),
        setup=part.setup,
        notes=tuple(notes),
    )
    if builder.problems:
        raise SuiteError(builder.problems)
    if with_gold is not None:
        gold = part.components[with_gold].gold if with_gold in part.components else None
        suite = suite_with_gold(suite, with_gold, gold, folder)
    return suite if only is None else _alone(suite, only, part, builder, positions)


def _alone(
    suite: Suite, name: str, part: SuitePart, builder: Builder, positions: Positions | None
) -> Suite:
    """Give the suite of one component: its target, graders and cases instead of the suite's."""
    judges = judges_alone(Judges(suite.outline, suite.graders), name)
    given = part.components[name]
    if given.target is None:
        raise UsageError(
            f"the component {name!r} has no target of its own; say how it is called, such as "
            f"components: {{{name}: {{target: app:{name}}}}}"
        )
    place = ("components", name, "target")
    target = builder.target(given.target, place, isolation=part.isolation)
    dataset = suite.dataset
    if given.dataset is not None:
        dataset = _dataset(given.dataset, builder, positions, (*place[:2], "dataset")) or dataset
    if builder.problems or target is None:
        raise SuiteError(builder.problems)
    return dataclasses.replace(
        suite,
        outline=judges.outline,
        graders=judges.graders,
        target=ComponentTarget(target),
        dataset=dataset,
    )


def _keys_of(content: Mapping[str, Any]) -> dict[str, Any]:
    keys = {
        "criteria" if key == "successCriteria" else key: value for key, value in content.items()
    }
    if not keys.get("criteria"):
        keys.pop("criteria", None)
    return keys


def _validated(keys: Mapping[str, Any], builder: Builder) -> SuitePart | None:
    """Check everything but what Python callers may give as objects."""
    plain = dict(keys)
    plain["target"] = (
        plain.get("target")
        if isinstance(plain.get("target"), str | dict | None)
        else "module:object"
    )
    plain["dataset"] = _plain_dataset(plain.get("dataset"))
    if isinstance(plain.get("graders"), list | tuple):
        plain["graders"] = [
            item if isinstance(item, dict) else {"type": "python"} for item in plain["graders"]
        ]
    for name in ("target", "dataset"):
        if plain[name] is None:
            del plain[name]
    for name, words in (
        ("objective", "say in a sentence what the system is for"),
        ("criteria", NOT_READY),
    ):
        if not plain.get(name):
            builder.wrong((), f"`{name}` is missing: {words}")
            plain[name] = "x" if name == "objective" else ["x"]
    try:
        return SuitePart.model_validate(plain)
    except ValidationError as error:
        builder.invalid(error, (), KEYS)
        return None


def _plain_dataset(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [item if isinstance(item, str | dict) else {} for item in value]
    return "objects" if isinstance(value, Dataset | Path) else value


def _criteria(given: Mapping[str, str] | Sequence[str]) -> dict[str, str]:
    """Give criteria by id; sentences get ids from their words."""
    if isinstance(given, Mapping):
        return dict(given)
    criteria: dict[str, str] = {}
    for number, sentence in enumerate(given, start=1):
        slug = _SLUG.sub("-", sentence.lower()).strip("-_") or f"criterion-{number}"
        criteria[f"{slug}-{number}" if slug in criteria else slug] = sentence
    return criteria


def _dataset(
    given: Any, builder: Builder, positions: Positions | None, place: Path_ = ("dataset",)
) -> Dataset | None:
    if given is None:
        return None
    if isinstance(given, Dataset):
        return given
    items = [given] if isinstance(given, str | Path) else list(given)
    try:
        if items and all(isinstance(item, str | Path) for item in items):
            return load_dataset([builder.folder / item for item in items])
        if any(isinstance(item, str | Path) for item in items):
            raise DatasetError(
                [Problem("`dataset` mixes paths and cases; it holds paths, or cases")]
            )
        given_cases = [item for item in items if isinstance(item, Case)]
        if given_cases and len(given_cases) == len(items):
            return _of_cases(given_cases)
        return collect(
            (None, _inline_place(place, index, positions), item) for index, item in enumerate(items)
        )
    except DatasetError as error:
        builder.problems.extend(error.problems)
    except UsageError as error:
        builder.wrong(place, str(error))
    return None


def _of_cases(cases: Sequence[Case]) -> Dataset:
    counts = Counter(case.id for case in cases)
    twice = [
        Problem(f"the id {case_id!r} is that of {number} cases")
        for case_id, number in counts.items()
        if number > 1
    ]
    if twice:
        raise DatasetError(twice)
    return Dataset.of(cases)


def _inline_place(place: Path_, index: int, positions: Positions | None) -> str:
    return positions.where((*place, index)) if positions else f"case {index + 1}"


def _graders(
    given: Any, criteria: Mapping[str, str], part: SuitePart, dataset: Dataset, builder: Builder
) -> list[Grader]:
    if given is None:
        graders = implied_graders(dataset.cases, criteria, part.lexicon)
    else:
        graders = [
            placed
            for index, item in enumerate(given)
            if (built := builder.grader(item, ("graders", index))) is not None
            and (placed := _placed(built, index, criteria, part, builder)) is not None
        ]
        graders = _with_names_of_their_own(graders)
    if not builder.problems:
        _every_criterion_has_a_grader(graders, criteria, builder, is_implied=given is None)
    return graders


def _placed(
    grader: Grader, index: int, criteria: Mapping[str, str], part: SuitePart, builder: Builder
) -> Grader | None:
    """Give a grader with its criterion, when the suite has it."""
    spec = grader.spec
    if spec.criterion is None and len(criteria) == 1 and isinstance(grader, Check):
        return dataclasses.replace(grader, criterion=next(iter(criteria)))
    if spec.criterion is not None and spec.criterion not in criteria:
        builder.wrong(
            ("graders", index, "criterion"),
            f"there is no criterion {spec.criterion!r}.{suggestion(spec.criterion, criteria)}",
        )
        return None
    if spec.component is not None and spec.component not in part.components:
        builder.wrong(
            ("graders", index, "component"),
            f"there is no component {spec.component!r}.{suggestion(spec.component, part.components)}",
        )
        return None
    return grader


def _with_names_of_their_own(graders: Sequence[Grader]) -> list[Grader]:
    """Number the graders whose names are not theirs alone."""
    taken = [grader.spec.name for grader in graders]
    named: list[Grader] = []
    for index, grader in enumerate(graders):
        name = taken[index]
        if taken.count(name) > 1 and isinstance(grader, Check):
            number = taken[: index + 1].count(name)
            criterion = grader.criterion
            unique = (
                f"{name}:{criterion}"
                if criterion and _is_free(name, criterion, graders)
                else f"{name}#{number}"
            )
            named.append(dataclasses.replace(grader, name=unique))
        else:
            named.append(grader)
    return named


def _is_free(name: str, criterion: str, graders: Sequence[Grader]) -> bool:
    return sum(g.spec.name == name and g.spec.criterion == criterion for g in graders) == 1


def _every_criterion_has_a_grader(
    graders: Sequence[Grader], criteria: Mapping[str, str], builder: Builder, *, is_implied: bool
) -> None:
    spoken_for = {grader.spec.criterion for grader in graders}
    for criterion in criteria:
        if criterion not in spoken_for:
            advice = "list `graders:`, one of them" if is_implied else "add one"
            builder.wrong(
                ("criteria", criterion),
                f"no grader speaks for the criterion {criterion!r}; {advice} with `criterion: {criterion}`",
            )


def _outline(part: SuitePart, criteria: Mapping[str, str]) -> SuiteOutline:
    components = (
        Component(name=name, span=item.span, kind=item.kind, attribute=item.attribute)
        for name, item in part.components.items()
    )
    return SuiteOutline(
        name=part.name,
        objective=part.objective,
        criteria=dict(criteria),
        components=tuple(components),
        slices=None if part.slices is None else tuple(part.slices),
        invalid_above=part.invalid_above,
    )


def _settings(part: SuitePart) -> RunSettings:
    return RunSettings(
        trials=part.trials,
        concurrency=part.concurrency,
        timeout_s=part.timeout,
        budget_s=part.budget,
        max_cost_usd=part.max_cost,
        retries=part.retries,
        requests_per_minute=part.requests_per_minute,
        tokens_per_minute=part.tokens_per_minute,
        seed=part.seed,
        cache_answers=part.cache.answers,
        cache_grades=part.cache.grades,
    )
