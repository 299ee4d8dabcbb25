"""Answers for people to label: which, in which order, to whom; and how far people and judges agree."""

import hashlib
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Literal, get_args

from regrade.domain import Label, LabelVerdict, RunHeader
from regrade.domain.errors import UnknownRunError, UsageError
from regrade.online import watched
from regrade.store import Store

from .listing import listing
from .memory import Memory

if TYPE_CHECKING:
    from regrade.analysis.calibration import PeopleAgreement

Why = Literal["disagreement", "unsure", "failure", "random"]
"""Why an answer is to be labelled: people and judges differ; the judges of it differ among themselves; it fails; by
chance."""
WHYS: tuple[Why, ...] = get_args(Why)
CLAIM_MS = 10 * 60_000
"""For how long an answer that one person is shown is shown to nobody else."""
NEWEST = 1000
"""Graded traces of a monitor that are looked through, the newest ones."""
AT_A_TIME = 50
"""Answers that are drawn at random together."""
MONITOR = "monitor:"
"""How the source begins that is a monitor's live traffic; any other is a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where answers come from."""

    name: str
    """`monitor:NAME`, or the id of a run."""
    suite: str
    """What its labels are kept under: the suite, or `monitor:NAME`."""
    criteria: Mapping[str, str]
    """What can be labelled: criterion to what good means."""
    header: RunHeader | None
    """The run; None for live traffic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewItem:
    """An answer to be labelled."""

    case: str
    """The case's id, or the trace's."""
    trial: int
    """Which trial of the case it is, from 0."""
    place: tuple[str, str]
    """The keys by which labels hold: of what was asked, and of what was answered."""
    passed: bool
    """What the graders of the criterion say; nobody is shown it before they labelled."""
    is_unsure: bool
    """Whether judges differ among themselves."""
    slices: Mapping[str, str]
    """The case's tags."""
    why: Why = "random"
    """Why it is to be labelled."""
    probability: float | None = None
    """How likely it was to be chosen; None where it was not drawn."""
    assigned: str | None = None
    """The person that is to label it, where somebody said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What one person has to label of one criterion."""

    source: Source
    """Where answers come from."""
    criterion: str
    """The criterion."""
    items: Sequence[ReviewItem]
    """What waits, in its order."""
    numbers: Mapping[Why, int]
    """How many wait for which reason."""
    mine: int
    """Answers that this person has labelled."""
    labelled: int
    """Answers that anybody has."""
    verdicts: Mapping[tuple[str, str], bool]
    """What graders say of every answer."""
    agree: tuple[int, int]
    """On how many of them people and graders say the same, of how many on which people say something."""


def source_of(store: Store, project: int, name: str) -> Source:
    """Give a source by its name.

    Raises: UnknownRunError.
    """
    if not name.startswith(MONITOR):
        header = store.find(name)
        suite = header.suite
        return Source(
            name=header.run_id, suite=suite.name, criteria=dict(suite.criteria), header=header
        )
    monitor = name.removeprefix(MONITOR)
    found = next((e for e in watched(store, project) if e.monitor.name == monitor), None)
    if found is None:
        raise UnknownRunError(f"there is no monitor {monitor!r}")
    names = dict.fromkeys(e.spec.criterion or e.spec.name for e in found.graders)
    return Source(name=name, suite=name, criteria=dict.fromkeys(names, ""), header=None)


def queue(
    store: Store,
    project: int,
    source: Source,
    criterion: str,
    *,
    who: str,
    why: Why | None = None,
    n: int = AT_A_TIME,
) -> Queue:
    """Give what a person has to label: what is assigned to them first, then where people and judges differ,
    where judges are unsure, failures, and answers by chance; nothing that another is shown now.

    Raises: UsageError for a criterion that the source does not have.
    """
    if criterion not in source.criteria:
        known = ", ".join(source.criteria)
        raise UsageError(f"there is no criterion {criterion!r}; there are {known or 'none'}")
    from regrade.analysis.calibration.items import consensus, latest  # noqa: PLC0415  numpy and scipy

    items = _items(store, project, source, criterion)
    labels = store.labels.of(source.suite)
    said, people = latest(labels, criterion), consensus(labels, criterion)
    taken = store.people.assigned(source.suite, criterion, _now_ms())
    mine = {place for place, by in said.items() if who in by}
    open_ = [
        replace(item, assigned=who) if holder is not None and holder[1] else item
        for item in items
        if item.place not in mine
        and ((holder := taken.get(item.place)) is None or holder[0] == who)
    ]
    ordered = [*_ordered(open_, said, who, criterion, n)]
    numbers = {each: sum(item.why == each for item in ordered) for each in WHYS}
    judged = {item.place: item.passed for item in items}
    both = [place for place in people if place in judged]
    return Queue(
        source=source,
        criterion=criterion,
        items=[item for item in ordered if why in (None, item.why)],
        numbers=numbers,
        mine=len(mine & judged.keys()),
        labelled=len(said.keys() & judged.keys()),
        verdicts=judged,
        agree=(sum(people[place] is judged[place] for place in both), len(both)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueNumbers:
    """How much one person has to label of one criterion."""

    criterion: str
    """The criterion."""
    numbers: Mapping[Why, int]
    """How many wait for which reason; by chance so many at most at a time."""
    labelled: int
    """Answers that anybody has labelled."""
    agree: tuple[int, int]
    """On how many of them people and graders say the same, of how many on which people say something."""


def queue_numbers(store: Store, project: int, source: Source, *, who: str) -> list[QueueNumbers]:
    """Count what a person has to label, by criterion; those of which nothing was judged are left out."""
    from regrade.analysis.calibration.items import consensus, latest  # noqa: PLC0415  numpy and scipy

    labels, found = store.labels.of(source.suite), []
    for criterion in source.criteria:
        items = _items(store, project, source, criterion)
        said, people = latest(labels, criterion), consensus(labels, criterion)
        open_ = [item for item in items if who not in said.get(item.place, {})]
        whys = Counter(_reason(item, said.get(item.place, {})) for item in open_)
        both = [item for item in items if item.place in people]
        numbers: dict[Why, int] = {each: whys[each] for each in WHYS}
        numbers["random"] = min(AT_A_TIME, whys[None])
        if items:
            found.append(
                QueueNumbers(
                    criterion=criterion,
                    numbers=numbers,
                    labelled=sum(item.place in said for item in items),
                    agree=(sum(people[e.place] is e.passed for e in both), len(both)),
                )
            )
    return found


def waiting_now(store: Store, project: int, *, who: str) -> Mapping[Why, int]:
    """Count what a person has to label of everything: the newest runs, and live traffic."""
    found: Counter[Why] = Counter()
    for name in sources_of(store, project):
        for each in queue_numbers(store, project, source_of(store, project, name), who=who):
            found.update(each.numbers)
    return found


def sources_of(store: Store, project: int) -> list[str]:
    """Name what people label: the newest run of every suite that has ended, and the monitors."""
    runs = []
    for each in store.outcomes.suites():
        ended = [h.run_id for h in store.headers(20, each.suite) if h.status == "finished"]
        runs += ended[:1]
    return [*runs, *(f"{MONITOR}{each.monitor.name}" for each in watched(store, project))]


def _reason(item: ReviewItem, by_person: Mapping[str, Label]) -> Why | None:
    """Say why an answer is to be labelled, where there is a reason besides chance."""
    verdicts = {label.verdict for label in by_person.values()} - {"unsure"}
    if len(verdicts) > 1 or (verdicts and ("pass" in verdicts) is not item.passed):
        return "disagreement"
    if item.is_unsure:
        return "unsure"
    return None if item.passed else "failure"


def _ordered(
    items: Sequence[ReviewItem],
    said: Mapping[tuple[str, str], Mapping[str, Label]],
    who: str,
    criterion: str,
    n: int,
) -> Iterator[ReviewItem]:
    """Give items with why they are to be labelled: those with a reason, and of the others some by chance; one of each
    reason in turn, so that their order says nothing of the verdict.
    """
    rest: list[ReviewItem] = []
    told: dict[Why, list[ReviewItem]] = {each: [] for each in WHYS}
    for item in items:
        why = _reason(item, said.get(item.place, {}))
        if why is None:
            rest.append(item)
        else:
            told[why].append(replace(item, why=why))
    told["random"] = [*_drawn([*items], {i.place for i in rest}, who, criterion, n)]
    found = [item for some in zip_longest(*told.values()) for item in some if item is not None]
    yield from sorted(found, key=lambda item: item.assigned is None)


def _drawn(
    items: Sequence[ReviewItem], rest: set[tuple[str, str]], who: str, criterion: str, n: int
) -> Iterator[ReviewItem]:
    """Draw some at random within each verdict, as `regrade label` does; of those that no other reason gives."""
    from regrade.analysis.calibration.choosing import choose  # noqa: PLC0415  numpy and scipy
    from regrade.analysis.calibration.items import Item  # noqa: PLC0415  the same

    by_place = {item.place: item for item in items}
    population = [
        Item(case=i.case, place=i.place, passed=i.passed, score=None, slices={}, length=0, text="")
        for i in items
    ]
    seed = int.from_bytes(hashlib.sha256(f"{who} {criterion}".encode()).digest()[:4], "big")
    for each in choose(population, (), n, seed):
        if each.item.place in rest:
            yield replace(by_place[each.item.place], probability=each.probability)


_OF_RUNS: Memory[list[ReviewItem]] = Memory(60_000, len)
_LIVE: Memory[tuple[float, list[ReviewItem]]] = Memory(20)
FRESH_S = 5.0
"""Seconds for which the graded traces of a monitor are not read again."""


def _items(store: Store, project: int, source: Source, criterion: str) -> list[ReviewItem]:
    header = source.header
    if header is not None:
        kept = (str(store.place), header.run_id, header.status, header.finished_at, criterion)
        if header.status != "running" and (made := _OF_RUNS.get(kept)) is not None:
            return made
        found: dict[tuple[str, str], ReviewItem] = {}
        for row in listing(store, header):
            if criterion in row.criteria:
                place = (row.key, row.answer_key)
                item = ReviewItem(
                    case=row.case,
                    trial=row.trial,
                    place=place,
                    passed=row.criteria[criterion],
                    is_unsure=criterion in row.unsure,
                    slices=row.tags,
                )
                found.setdefault(place, item)
        return _OF_RUNS.put(kept, [*found.values()])
    key = (str(store.place), project, source.name, criterion)
    at, known = _LIVE.get(key) or (0.0, [])
    if time.monotonic() - at > FRESH_S or not at:
        known = [*_live_items(store, project, source, criterion)]
        _LIVE.put(key, (time.monotonic(), known))
    return known


def _live_items(store: Store, project: int, source: Source, criterion: str) -> Iterator[ReviewItem]:
    monitor = source.name.removeprefix(MONITOR)
    grades: dict[str, list[Any]] = {}
    for trace_id, document in store.live.decisions.newest_graded(
        project, monitor, criterion, NEWEST
    ):
        grades.setdefault(trace_id, []).append(document)
    for trace_id, said in grades.items():
        passes = [each.get("passed") for each in said if each.get("passed") is not None]
        if passes:
            votes = [{*map(str, (each.get("details") or {}).get("votes", ()))} for each in said]
            yield ReviewItem(
                case=trace_id,
                trial=0,
                place=(f"trace {trace_id}", ""),
                passed=all(passes),
                is_unsure=any(len(each) > 1 for each in votes),
                slices={},
            )


def take_next(store: Store, found: Queue, who: str) -> ReviewItem | None:
    """Give the first item of a queue that nobody else takes at the same moment; it is this person's for a while."""
    now_ms = _now_ms()
    for item in found.items:
        if store.people.claim(
            found.source.suite, found.criterion, item.place, who, now_ms=now_ms, until_ms=now_ms + CLAIM_MS
        ):  # fmt: skip
            return item
    return None


def find_item(
    store: Store, project: int, source: Source, criterion: str, case: str, trial: int
) -> ReviewItem | None:
    """Give the answer of a case; None where the source has none."""
    items = _items(store, project, source, criterion)
    of_case = [item for item in items if item.case == case]
    return next((item for item in of_case if item.trial == trial), None) or next(
        iter(of_case), None
    )


def say(
    store: Store,
    source: Source,
    criterion: str,
    item: ReviewItem,
    *,
    verdict: LabelVerdict,
    note: str,
    who: str,
) -> Label:
    """Keep what a person says of an answer; what they say later counts instead."""
    label = Label(
        suite=source.suite,
        criterion=criterion,
        case=item.case,
        pairing_key=item.place[0],
        answer=item.place[1],
        verdict=verdict,
        note=note,
        who=who,
        labelled_at=datetime.now(UTC),
        run_id=None if source.header is None else source.header.run_id,
        probability=item.probability,
    )
    store.labels.add([label])
    return label


def labels_on(store: Store, suite: str, place: tuple[str, str]) -> list[Label]:
    """Give what people said of an answer, by criterion and person, as last said."""
    found: dict[tuple[str, str], Label] = {}
    for label in store.labels.of_answer(suite, *place):
        found[label.criterion, label.who] = label
    return [*found.values()]


def among_people(store: Store, suite: str, criterion: str) -> "PeopleAgreement":
    """Measure how far people agree with each other on a criterion."""
    from regrade.analysis.calibration import people_agreement  # noqa: PLC0415  numpy and scipy

    return people_agreement(store.labels.of(suite), criterion)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
