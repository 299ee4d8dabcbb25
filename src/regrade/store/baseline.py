"""A run as a file that is committed beside its suite: small, sorted by case, one line each.

It holds what a comparison needs of a baseline: pairing keys, who judged, and how each trial came out;
no question and no answer.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from statistics import fmean
from typing import Any

from regrade.domain import (
    Attempt,
    Component,
    Dataset,
    Grade,
    GraderIdentity,
    GraderSpec,
    RememberedCase,
    Run,
    RunHeader,
    SuiteOutline,
    Summary,
    TargetFailure,
    Trace,
    Usage,
    content_hash,
    read_json,
)
from regrade.domain.errors import NotJsonError, UsageError

SCHEMA = "regrade/baseline/1"
Summarize = Callable[[RunHeader, Sequence[Attempt]], Summary]
"""Works out what attempts say."""
_CODES = {True: "1", False: "0", None: "-"}
_PASSED = {"1": True, "0": False, "-": None}


def baseline_text(run: Run) -> str:
    """Write a run as a baseline file."""
    header = run.header
    cases = [*_cases(run)]
    head = {
        "schema": SCHEMA,
        "suite": header.suite.name,
        "run_id": header.run_id,
        "label": header.label,
        "commit": None if header.revision is None else header.revision.commit,
        "started_at": header.started_at.isoformat(),
        "target_version": header.target_version,
        "dataset_version": header.dataset_version,
        "suite_version": header.suite_version,
        "trials": header.trials,
        "fingerprint": dict(sorted(header.fingerprint.items())),
        "components": [component.name for component in header.suite.components],
        "graders": {spec.name: _spec_content(spec) for spec in _specs(run)},
        "hash": content_hash(cases),
    }
    lines = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in head.items()]
    rows = ",\n".join(f"    {json.dumps(case, sort_keys=True)}" for case in cases)
    return "{\n" + ",\n".join(lines) + ',\n  "cases": [\n' + rows + "\n  ]\n}\n"


def _specs(run: Run) -> list[GraderSpec]:
    found = {
        grade.spec.name: grade.spec
        for attempt in run.attempts
        for grade in attempt.grades
        if grade.spec is not None
    }
    return [found[name] for name in sorted(found)]


def _spec_content(spec: GraderSpec) -> dict[str, Any]:
    return {
        "type": spec.identity.type,
        "criterion": spec.criterion,
        "component": spec.component,
        "required": spec.required,
        "identity": spec.identity_key,
    }


def _cases(run: Run) -> Iterator[dict[str, Any]]:
    names = [spec.name for spec in _specs(run)]
    attempts: dict[str, list[Attempt]] = {}
    for attempt in run.attempts:
        attempts.setdefault(attempt.case.id, []).append(attempt)
    for case in sorted(run.dataset.cases, key=lambda each: each.id):
        own = sorted(attempts.get(case.id, ()), key=lambda each: each.trial)
        if not own:
            continue
        times = [a.trace.latency_s for a in own if a.trace.latency_s is not None]
        costs = [
            a.trace.usage.cost_usd
            for a in own
            if a.trace.usage and a.trace.usage.cost_usd is not None
        ]
        yield {
            "id": case.id,
            "key": case.pairing_key,
            "outcomes": "".join(_OUTCOMES[attempt.outcome] for attempt in own),
            "errors": [None if a.trace.error is None else a.trace.error.kind for a in own]
            if any(a.trace.error for a in own)
            else [],
            "grades": _grades(own, names),
            "latency_s": round(fmean(times), 6) if times else None,
            "cost_usd": fmean(costs) if costs else None,
        }


_OUTCOMES = {"passed": "1", "failed": "0", "ungraded": "-"}


def _grades(attempts: Sequence[Attempt], names: Sequence[str]) -> dict[str, str]:
    """Every grader's judgements by trial: 1 passed, 0 failed, - abstained, a space for none. What
    always passed is left out.
    """
    found = {}
    for name in names:
        codes = []
        for attempt in attempts:
            own = [g.passed for g in attempt.grades if g.spec and g.spec.name == name]
            codes.append(_CODES[own[0]] if own else " ")
        if {*codes} != {"1"}:
            found[name] = "".join(codes)
    return found


def read_baseline(path: Path, summarize: Summarize) -> Run:
    """Read a baseline file as a run whose questions and answers are not known.

    Raises: UsageError when it is none, was cut off, edited, or written by a newer version.
    """
    again = "make it again with: regrade baseline update SUITE"
    try:
        content = read_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"the baseline {path} cannot be read: {error.strerror}") from None
    except (NotJsonError, UnicodeDecodeError) as error:
        raise UsageError(f"the baseline {path} is not whole ({error}); {again}") from None
    schema = content.get("schema") if isinstance(content, dict) else None
    if schema != SCHEMA:
        if isinstance(schema, str) and schema.startswith("regrade/baseline/"):
            raise UsageError(
                f"the baseline {path} was written by a newer regrade ({schema}, this one reads {SCHEMA}); "
                f"upgrade regrade, or {again}"
            )
        raise UsageError(f"{path} is no baseline of regrade; {again}")
    try:
        cases = content["cases"]
        if content["hash"] != content_hash(cases):
            raise UsageError(f"the cases of the baseline {path} were changed by hand; {again}")
        return _run(content, cases, summarize)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(
            f"the baseline {path} lacks something or holds what it should not ({type(error).__name__}: {error}); "
            f"{again}"
        ) from None


def _run(
    content: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], summarize: Summarize
) -> Run:
    specs = {name: _spec(name, each) for name, each in content["graders"].items()}
    cases = tuple(
        RememberedCase(id=row["id"], input=None, metadata={"pairing_key": row["key"]})
        for row in rows
    )
    attempts = [
        attempt
        for case, row in zip(cases, rows, strict=True)
        for attempt in _attempts(case, row, specs)
    ]
    criteria = {spec.criterion: "" for spec in specs.values() if spec.criterion}
    header = RunHeader(
        run_id=content["run_id"],
        suite=SuiteOutline(
            name=content["suite"],
            objective="",
            criteria=criteria,
            components=tuple(Component(name=name) for name in content["components"]),
        ),
        suite_version=content["suite_version"],
        dataset_version=content["dataset_version"],
        target_version=content["target_version"],
        trials=content["trials"],
        planned=len(attempts),
        started_at=datetime.fromisoformat(content["started_at"]),
        status="finished",
        label=content["label"],
        fingerprint=content["fingerprint"],
    )
    dataset = Dataset(cases, content["dataset_version"])
    return Run(
        header=header, dataset=dataset, attempts=attempts, summary=summarize(header, attempts)
    )


def _spec(name: str, content: Mapping[str, Any]) -> GraderSpec:
    return GraderSpec(
        name=name,
        criterion=content["criterion"],
        component=content["component"],
        required=content["required"],
        identity=GraderIdentity(type=content["type"], version=""),
        identity_key=content["identity"],
    )


def _attempts(
    case: RememberedCase, row: Mapping[str, Any], specs: Mapping[str, GraderSpec]
) -> Iterator[Attempt]:
    cost = row["cost_usd"]
    for trial, outcome in enumerate(row["outcomes"]):
        kind = row["errors"][trial] if row["errors"] else None
        trace = Trace(
            latency_s=row["latency_s"],
            usage=None if cost is None else Usage(cost_usd=cost),
            error=None if kind is None else TargetFailure(kind=kind, message="not kept"),
        )
        codes = {
            name: row["grades"][name][trial] if name in row["grades"] else "1" for name in specs
        }
        grades = tuple(
            Grade(_PASSED[code], spec=specs[name]) for name, code in codes.items() if code != " "
        )
        attempt = Attempt(case=case, trial=trial, trace=trace, grades=grades)
        if _OUTCOMES[attempt.outcome] != outcome and outcome != "-":
            raise ValueError(f"the case {case.id} has grades that do not fit its outcome")
        if outcome == "-":  # a grader broke
            attempt = Attempt(case=case, trial=trial, trace=trace)
        yield attempt
