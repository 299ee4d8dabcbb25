"""Monitors as they are written: which live traces are looked at, and what judges them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field, ValidationError

from regrade.domain import Component, Dataset, Grader, Json, content_hash
from regrade.domain.errors import Problem, SuiteError, UsageError
from regrade.domain.live import Alerting, Always, Monitor, ProjectSettings
from regrade.suites.building import Builder
from regrade.suites.file import load_judges
from regrade.suites.model import Duration, Part, Share
from regrade.suites.yaml import Path_, Positions, read_yaml

from .alerts import AlertingPart, AlertPart, alerting_of, watch_of

_T = TypeVar("_T")
_SEEN = ("service", "version", "environment", "name", "model")
CHECKS: Mapping[str, Mapping[str, Json]] = {
    "valid_json": {"type": "json"},
    "cited_source": {"type": "citations"},
    "pii": {"type": "pii"},
    "not_refused": {"type": "refusal", "otherwise": "answer"},
    "tools": {
        "type": "tool_calls",
        "against_case": False,
        "errors": "recovered",
        "repeats": "forbid",
    },
    "context_utilization": {"type": "context_utilization"},
    "grounded": {"type": "grounded_numbers"},
    "answered": {"type": "no_error"},
}
"""Graders that need no reference and no option, by what they check."""


class BudgetPart(Part):
    """What the judges of a monitor may cost, in US dollars."""

    daily_usd: float | None = Field(default=None, ge=0)
    """A day (UTC)."""
    monthly_usd: float | None = Field(default=None, ge=0)
    """A month."""


class MonitorPart(Part):
    """One monitor."""

    suite: str | None = None
    """The suite file whose graders judge; those that need a reference abstain."""
    checks: list[Literal[tuple(CHECKS)]] = Field(default_factory=list)  # type: ignore[valid-type]  # its keys
    """Ready checks."""
    graders: list[dict[str, Any]] = Field(default_factory=list)
    """Further graders, as in a suite file."""
    where: dict[Literal[_SEEN], str] = Field(default_factory=dict)  # type: ignore[valid-type]  # the names above
    """What a trace must have: service, version, environment, name or model, and its value."""
    sample: Share = 0.05
    """The share of the traces that is graded, by a hash of their id."""
    always: list[Always] = Field(default_factory=list)
    """Rules by which a trace is graded in any case: error, thumbs_down, slow, novel."""
    slow: Duration | None = None
    """The duration from which a trace is slow."""
    budget: BudgetPart | None = None
    """What its judges may cost; the rate falls from the half of it on."""
    least: Share = 0.002
    """The share below which a budget lowers nothing until it is spent."""
    alert: AlertPart | None = None
    """What raises alerts."""


@dataclass(frozen=True, slots=True)
class BuiltMonitor:
    """A monitor with what judges for it."""

    monitor: Monitor
    """Which traces."""
    graders: tuple[Grader, ...]
    """What judges them."""
    components: tuple[Component, ...]
    """The stages whose spans graders of a component judge."""


class KeepPart(Part):
    """What is kept of a project's traffic."""

    redact: bool = False
    """Whether personal data and secrets are taken out before anything touches the disk."""
    drop: list[str] = Field(default_factory=list)
    """Attributes whose values are never kept; `*` at the end stands for anything."""
    retention: Duration | None = None
    """How long after its beginning a trace is deleted."""
    dead_letters: bool = False
    """Whether bodies that cannot be read are kept although personal data are taken out."""


@dataclass(frozen=True, slots=True)
class LiveFile:
    """What a file says of live traffic."""

    monitors: Mapping[str, Json]
    """Monitors by their names, as they are written."""
    settings: ProjectSettings | None
    """What is kept; None where the file says nothing of it."""
    alerting: Alerting | None = None
    """Who is told of alerts, and how seldom of false ones; None where the file says nothing of it."""


def read_monitors(path: Path) -> LiveFile:
    """Read a file of monitors: names under `monitors`, under `keep` what is kept of the traffic, under `alerts` who
    is told.

    Raises: UsageError, SuiteError with the place of everything that is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the monitors {path} cannot be read: {error}") from None
    content, positions = read_yaml(path, text)
    documents = content.get("monitors", {}) if isinstance(content, dict) else None
    if not isinstance(documents, dict) or not {*content} <= {"monitors", "keep", "alerts"}:
        raise SuiteError(
            [Problem("a file of monitors is an object with `monitors` (by name), `keep` and `alerts`", str(path))]
        )  # fmt: skip
    problems: list[Problem] = []
    for name, document in documents.items():
        try:
            build_monitor(name, document, folder=path.parent, positions=positions)
        except SuiteError as error:
            problems += error.problems
    keep, alerts = content.get("keep"), content.get("alerts")
    settings = _part("keep", keep, _settings, KeepPart, positions, problems)
    alerting = _part("alerts", alerts, alerting_of, AlertingPart, positions, problems)
    problems += _unknown_channels(documents, alerting, positions)
    if problems:
        raise SuiteError(problems)
    return LiveFile(documents, settings, alerting)


def _part(
    key: str,
    given: Json,
    read: Callable[[Json], _T],
    part: type[Part],
    positions: Positions,
    problems: list[Problem],
) -> _T | None:
    """Read one part of the file, and note what is wrong with it."""
    if given is None:
        return None
    builder = Builder(Path(), lambda step: positions.where((key, *step)), {})
    try:
        return read(given)
    except ValidationError as error:
        builder.invalid(error, (), part.model_fields)
    problems += builder.problems
    return None


def _unknown_channels(
    documents: Mapping[str, Json], alerting: Alerting | None, positions: Positions
) -> Iterator[Problem]:
    """Name channels that monitors send to and that the file does not know, where it knows any."""
    if alerting is None:
        return
    known = {each.name for each in alerting.channels}
    for name, document in documents.items():
        alert = document.get("alert") if isinstance(document, dict) else None
        sent = alert.get("send") if isinstance(alert, dict) else None
        for each in sent if isinstance(sent, list) else ():
            if each not in known:
                place = positions.where(("monitors", name, "alert", "send"))
                yield Problem(
                    f"`send` names the channel {each!r}; there are: {', '.join(sorted(known)) or 'none'}", place
                )  # fmt: skip
    for each in alerting.summary_to:
        if each not in known:
            place = positions.where(("alerts", "summary"))
            yield Problem(f"`summary` names the channel {each!r}, which is not there", place)


def _settings(given: Json) -> ProjectSettings:
    part = KeepPart.model_validate(given)
    return ProjectSettings(
        redact=part.redact,
        drop=tuple(part.drop),
        retention_days=None if part.retention is None else part.retention / 86_400,
        keep_dead_letters=part.dead_letters,
    )


def build_monitor(
    name: str, document: Json, *, folder: Path, positions: Positions | None = None
) -> BuiltMonitor:
    """Make a monitor of what is written; paths are relative to `folder`.

    Raises: SuiteError with everything that is wrong.
    """
    place: Path_ = ("monitors", name)

    def where(path: Path_) -> str | None:
        if positions is None:
            return ".".join(map(str, (*place, *path)))
        return positions.where((*place, *path))

    builder = Builder(folder, where, {})
    try:
        part = MonitorPart.model_validate(document)
    except ValidationError as error:
        builder.invalid(error, (), MonitorPart.model_fields)
        raise SuiteError(builder.problems) from None
    checks = builder.graders([dict(CHECKS[each]) for each in part.checks], ("checks",))
    own = builder.graders(part.graders, ("graders",))
    graders: list[Grader] = [*checks, *own]
    components: tuple[Component, ...] = ()
    if part.suite is not None:
        judges = load_judges(folder / part.suite, Dataset.of([]))
        graders, components = [*judges.graders, *graders], judges.outline.components
    if not graders and not builder.problems:
        builder.wrong((), "nothing judges: give it `suite`, `checks` or `graders`")
    if "slow" in part.always and part.slow is None:
        builder.wrong(
            ("always",), "`always: [slow]` needs `slow`: the duration from which a trace is"
        )
    if builder.problems:
        raise SuiteError(builder.problems)
    budget = part.budget or BudgetPart()
    keys = [grader.spec.identity_key for grader in graders]
    return BuiltMonitor(
        Monitor(
            name=name,
            version=content_hash([document, keys]),
            where=dict(part.where),
            sample=part.sample,
            always=tuple(part.always),
            slow_ms=None if part.slow is None else part.slow * 1000,
            daily_usd=budget.daily_usd,
            monthly_usd=budget.monthly_usd,
            least=part.least,
            watch=None if part.alert is None else watch_of(part.alert),
        ),
        tuple(graders),
        components,
    )
