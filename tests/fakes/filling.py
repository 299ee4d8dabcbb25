"""Stores to look at and to measure pages with: runs of a suite whose system changes, labels, and live traffic."""

import hashlib
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from regrade.analysis import summarize
from regrade.domain import (
    Attempt,
    Case,
    Component,
    Dataset,
    Document,
    Grade,
    GraderIdentity,
    GraderSpec,
    Label,
    Revision,
    RunHeader,
    Span,
    SuiteOutline,
    TargetFailure,
    Trace,
    Usage,
    answer_key,
)
from regrade.domain.live import Series
from regrade.domain.trace import SpanKind
from regrade.online import keep_file
from regrade.online.monitors import EventClock, Ticker
from regrade.store import Store
from tests.fakes.living import graded, live_trace

TOPICS = ("billing", "access", "delivery", "returns")
WORDS = [
    "invoice",
    "refund",
    "password",
    "parcel",
    "order",
    "address",
    "account",
    "delay",
    "receipt",
    "plan",
    "seat",
    "renewal",
    "card",
    "voucher",
    "customer",
    "week",
    "Monday",
    "support",
    "page",
    "reset",
    "link",
    "email",
    "confirm",
    "cancel",
    "change",
    "upgrade",
    "country",
    "tax",
]
SUITE = SuiteOutline(
    name="help-centre",
    objective="Answer subscription questions using only the help centre.",
    criteria={
        "finds": "The right article is among those that were found.",
        "right": "The answer says what the article says.",
        "grounded": "The answer does not invent policies.",
        "polite": "The tone is that of our support.",
    },
    components=(
        Component(name="retrieval", span="retrieve"),
        Component(name="generation", kind="llm"),
        Component(name="parser", span="parse"),
    ),
)
COMMITS = (
    "Ask for shorter answers",
    "Index the articles by paragraph",
    "Use the smaller model for greetings",
    "Retry when the index is away",
    "Quote the article's title",
)


def _spec(name: str, kind: str, criterion: str | None, component: str | None = None) -> GraderSpec:
    identity = GraderIdentity(type=kind, version="1")
    return GraderSpec(
        name=name,
        criterion=criterion,
        component=component,
        required=True,
        identity=identity,
        identity_key=identity.key,
    )


FINDS = _spec("recall@5", "recall_at_k", "finds", "retrieval")
RIGHT = _spec("says the answer", "contains", "right")
GROUNDED = _spec("grounded numbers", "grounded_numbers", "grounded")
POLITE = _spec("tone", "judge", "polite")
PARSED = _spec("valid JSON", "json", None, "parser")


@cache
def cases(number: int) -> Dataset:
    """Make cases of four topics and three difficulties."""
    chance = random.Random(7)
    return Dataset.of(
        Case(
            id=f"q{n:04d}",
            input=f"{' '.join(chance.choices(WORDS, k=9)).capitalize()}?",
            expected={"answer": " ".join(chance.choices(WORDS, k=3))},
            tags={"topic": TOPICS[n % 4], "language": ("en", "de", "fr")[n % 3]},
            difficulty=("easy", "medium", "hard")[n % 3],
            critical=n % 97 == 0,
        )
        for n in range(number)
    )


def run(
    store: Store,
    at: int,
    number: int,
    *,
    label: str | None = None,
    trials: int = 1,
    ends: bool = True,
    goes_on: RunHeader | None = None,
) -> RunHeader:
    """Keep a run of so many cases: the `at`-th version of the system. One that does not end has half of them, and goes
    on later.
    """
    dataset, chance = cases(number), random.Random(1000 + at)
    header = goes_on or _header(at, dataset, label, trials)
    attempts = [
        _attempt(case, trial, at, chance) for case in dataset.cases for trial in range(trials)
    ]
    if goes_on is None:
        store.begin(header, dataset)
    made = attempts if ends else attempts[: len(attempts) // 2]
    for start in range(0, len(made), 1000):
        store.save(header.run_id, made[start : start + 1000])
    if not ends:
        return header
    ended = replace(header, finished_at=header.started_at + timedelta(minutes=4), status="finished")
    store.finish(ended)
    store.keep_summary(summarize(ended, attempts))
    return ended


def _header(at: int, dataset: Dataset, label: str | None, trials: int) -> RunHeader:
    began = datetime(2026, 5, 1, 9, tzinfo=UTC) + timedelta(hours=9 * at)
    commit = hashlib.sha1(str(at).encode()).hexdigest()
    return RunHeader(
        run_id=f"{began:%Y%m%d-%H%M%S}-{at:04x}",
        suite=SUITE,
        suite_version="s1" if at < 60 else "s2",
        dataset_version=dataset.version,
        target_version=f"1.{at}",
        trials=trials,
        planned=len(dataset.cases) * trials,
        started_at=began,
        label=label,
        revision=Revision(commit=commit, subject=COMMITS[at % len(COMMITS)]),
    )


def filled(store: Store, folder: Path, *, runs: int = 3, number: int = 24) -> RunHeader:
    """Fill a store with some of everything; gives the newest run."""
    for at in range(runs):
        newest = run(store, at, number, label="with the new index" if at == runs - 1 else None)
    labels(store, newest, number // 2)
    traffic(store, 60)
    watched(store, folder, hours=40, bad=6)
    arrived(store, folder)
    return newest


def _attempt(case: Case, trial: int, at: int, chance: random.Random) -> Attempt:
    hard = {"easy": 0.02, "medium": 0.06, "hard": 0.14}[case.difficulty or "easy"]
    worse = 0.25 if at % 17 == 16 and case.tags["topic"] == "access" else 0.0
    better = min(0.1, at * 0.0008)
    found = chance.random() > max(0.01, hard + worse - better)
    right = found and chance.random() > max(0.01, hard - better)
    if chance.random() < 0.004:
        error = TargetFailure(kind="timeout", message="no answer within 60 s")
        return Attempt(case=case, trial=trial, trace=Trace(error=error, latency_s=60.0))
    said = case.expected["answer"] if right else _words(chance, 3)
    answer = f"{said}: {_words(chance, 24)}."
    return Attempt(
        case=case,
        trial=trial,
        trace=_trace(case, answer, chance),
        grades=_judged(case, chance, found=found, right=right),
    )


def _trace(case: Case, answer: str, chance: random.Random) -> Trace:
    took = chance.lognormvariate(-0.4, 0.35)
    documents = tuple(
        Document(id=f"article-{chance.randrange(900)}", text=_words(chance, 18)) for _ in range(3)
    )
    usage = Usage(
        input_tokens=chance.randrange(300, 900),
        output_tokens=60,
        cost_usd=chance.uniform(0.0004, 0.0018),
    )

    def step(n: int, name: str, kind: SpanKind, begin: float, part: float, **more: Any) -> Span:
        parent = None if n == 1 else "1"
        times: dict[str, Any] = {"start_s": took * begin, "duration_s": took * part}
        return Span(span_id=str(n), parent_id=parent, name=name, kind=kind, **times, **more)

    return Trace(
        output=answer,
        retrieved=documents,
        usage=usage,
        latency_s=took,
        started_at=datetime(2026, 5, 1, tzinfo=UTC),
        spans=(
            step(1, "answer", "chain", 0.0, 1.0, input=case.input),
            step(2, "retrieve", "retrieval", 0.0, 0.2, input=case.input, retrieved=documents),
            step(3, "chat", "llm", 0.22, 0.7, model="small-model", usage=usage, output=answer),
            step(4, "parse", "parser", 0.94, 0.03, output=answer),
        ),
    )


def _judged(case: Case, chance: random.Random, *, found: bool, right: bool) -> tuple[Grade, ...]:
    grounded, polite = chance.random() > 0.04, chance.random() > 0.08
    votes = [polite] * 3 if chance.random() > 0.1 else [polite, polite, not polite]
    details: dict[str, Any] = {
        "votes": votes,
        "cost_usd": 0.0002,
        "asked": ["local:judge"],
        "served": ["judge"],
    }
    missing = "" if found else "None of the relevant articles is among the five that were found."
    wrong = "" if right else f"The answer does not say “{case.expected['answer']}”."
    invented = "" if grounded else "It names 14 days, which no article says."
    tone = "It is friendly and short." if polite else "It blames the customer."
    return (
        Grade(found, missing, float(found), spec=FINDS),
        Grade(right, wrong, spec=RIGHT),
        Grade(grounded, invented, spec=GROUNDED),
        Grade(polite, tone, 0.9 if polite else 0.3, spec=POLITE, details=details),
        Grade(True, spec=PARSED),
    )


def labels(store: Store, header: RunHeader, number: int) -> None:
    """Have two people label what the judge of the tone said."""
    dataset, chance = cases(header.planned // header.trials), random.Random(3)
    found = []
    for attempt in store.attempts(header.run_id, dataset)[:number]:
        grade = next((g for g in attempt.grades if g.spec and g.spec.criterion == "polite"), None)
        for who in ("Ada", "Grace") if grade else ():
            agrees = chance.random() > 0.1
            passed = grade.passed is agrees if grade else False
            found.append(
                Label(
                    suite=SUITE.name,
                    criterion="polite",
                    case=attempt.case.id,
                    pairing_key=attempt.case.pairing_key,
                    answer=answer_key(attempt.trace),
                    verdict="pass" if passed else "fail",
                    who=who,
                    labelled_at=header.started_at + timedelta(days=chance.randrange(40)),
                    run_id=header.run_id,
                    probability=0.3,
                )
            )
    store.labels.add(found)


FIRST = 10_000_000
"""The number of the first trace that is written past the doors; those that come through them have smaller ones."""


def traffic(store: Store, number: int, *, days: float = 30.0) -> None:
    """Keep live traces as they are listed: of the newest ones nothing more than that, which lists ask for."""
    project, chance = store.live.projects.key(), random.Random(5)
    end_ms = time.time_ns() // 1_000_000
    connection = store._connection
    for start in range(0, number, 20_000):
        ids = range(start, min(number, start + 20_000))
        with store.transaction():
            connection.execute_many(
                "INSERT INTO live_traces (trace, project, trace_id, state, revision, opened_at, changed_at, changes, "
                "ended_at, started_ms, duration_ms, name, service, version, environment, user_id, conversation_id, "
                "model, error, spans, tokens, cost_usd) "
                f"VALUES ({', '.join('?' * 22)})",
                _traces(ids, project, number, end_ms, days, chance),
            )
            texts = {FIRST + n: (_words(chance, 9) + "?", _words(chance, 24)) for n in ids}
            store.live.traces.keep_texts(texts)
            sampled = [FIRST + n for n in ids if n % 10 == 0]
            connection.execute_many(
                "INSERT INTO decisions (trace, revision, monitor, version, outcome, why, probability, decided_at, "
                "drawn) VALUES (?, 1, 'help', 'v', ?, ?, 0.1, ?, ?)",
                [
                    (FIRST + n, "graded" if n % 10 == 0 else "not_sampled", "its number", end_ms, int(n % 10 == 0))
                    for n in ids
                ],
            )  # fmt: skip
            connection.execute_many(
                "INSERT INTO live_grades (trace, monitor, revision, position, name, criterion, passed, graded_at, "
                "is_current, document) VALUES (?, 'help', 1, ?, ?, ?, ?, ?, 1, ?)",
                _grades(sampled, end_ms, chance),
            )


def _words(chance: random.Random, number: int) -> str:
    return " ".join(chance.choices(WORDS, k=number))


def _traces(
    ids: range, project: int, number: int, end_ms: int, days: float, chance: random.Random
) -> Iterator[tuple[object, ...]]:
    for n in ids:
        at = end_ms - round((number - n) * days * 86_400_000 / number)
        error = "timeout: the index is away" if chance.random() < 0.01 else None
        yield (
            *(FIRST + n, project, f"{n + 1:032x}", "closed", 1, at, at, 1, at, at),
            *(chance.lognormvariate(6.2, 0.5), "answer", "help", f"2.{n * 8 // number}", "production"),
            *(f"user-{chance.randrange(5000)}", f"talk-{n // 4}", "small-model", error),
            *(6, chance.randrange(300, 1200), chance.uniform(0.0004, 0.002)),
        )  # fmt: skip


def _grades(sampled: list[int], end_ms: int, chance: random.Random) -> Iterator[tuple[object, ...]]:
    from regrade.store.codec import pack

    for trace in sampled:
        for position, (name, criterion) in enumerate((("answered", None), ("tone", "polite"))):
            passed = chance.random() > 0.06
            document: dict[str, object] = {
                "name": name, "type": "judge" if criterion else "no_error", "criterion": criterion,
                "component": None, "passed": passed, "reason": "" if passed else "It blames the customer.",
                "score": None, "label": None, "issues": [], "expected": None, "details": None,
            }  # fmt: skip
            yield (trace, position, name, criterion, int(passed), end_ms, pack(document))


class Standing(EventClock):
    """A clock that stands until it is moved."""

    def __init__(self, now_ms: int) -> None:
        super().__init__()
        self.now = now_ms

    def now_ms(self) -> int:
        return self.now


HOUR_MS = 3_600_000


def watched(store: Store, folder: Path, *, hours: int = 96, bad: int = 7) -> int:
    """Keep a monitor whose criterion falls in the last hours, where the topic is access; gives the moment at which
    its clock stands.
    """
    project, chance = store.live.projects.key(), random.Random(11)
    path = folder / "monitors.yaml"
    path.write_text(MONITORS)
    keep_file(store, project, path)
    end_ms = time.time_ns() // 1_000_000 // HOUR_MS * HOUR_MS
    clock = Standing(end_ms - hours * HOUR_MS + 1)
    ticker = Ticker(store, clock)
    for hour in range(hours):
        counts: dict[tuple[Series, int], tuple[int, int]] = {}
        tick = clock.now // HOUR_MS * HOUR_MS
        sums = {name: [0, 0] for name in ("polite", "right")}
        for topic in TOPICS:
            for name, rate in (("polite", 0.96), ("right", 0.94)):
                fell = name == "right" and topic == "access" and hour >= hours - bad
                n = chance.randrange(24, 40)
                passed = sum(chance.random() < (0.5 if fell else rate) for _ in range(n))
                counts[Series(kind="criterion", name=name, slice=f"topic={topic}"), tick] = (
                    passed,
                    n,
                )
                sums[name][0] += passed
                sums[name][1] += n
            counts[Series(kind="judged", slice=f"topic={topic}"), tick] = (n, n)
        for name, (passed, n) in sums.items():
            counts[Series(kind="criterion", name=name), tick] = (passed, n)
        counts[Series(kind="judged"), tick] = (sums["right"][1], sums["right"][1])
        with store.transaction():
            store.live.tallies.add(project, "help", counts)
        clock.now += HOUR_MS
        ticker.look()
    return clock.now


MONITORS = """
monitors:
  help:
    sample: 0.1
    graders:
      - {type: no_error, name: answered}
      - {type: length, max: 400, criterion: polite, name: tone}
      - {type: length, max: 900, criterion: right, name: says enough}
    alert:
      watermark: 1ms
      slices: [topic]
      criteria: {"*": {min: 0.9}}
alerts:
  years_between_false_alarms: 10
"""


def arrived(store: Store, folder: Path, number: int = 12) -> None:
    """Have live traces come, closed and graded by the monitor `tone`, as those of applications are."""
    chance = random.Random(2)
    traces = [
        live_trace(
            0xABC000 + n,
            question=f"{_words(chance, 6)}?",
            output="PARCEL LOST" if n % 4 == 1 else _words(chance, 8),
            at_s=n * 60,
            user__id=f"user-{n % 3}",
        )
        for n in range(number)
    ]
    shouts = {
        "type": "not_contains",
        "expected": "PARCEL LOST",
        "criterion": "calm",
        "name": "no shouting",
    }
    monitors = {"tone": {"sample": 1, "graders": [shouts]}}
    graded(store, traces, monitors, folder, service__name="help", service__version="2.0")
