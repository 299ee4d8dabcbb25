import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

import regrade
from regrade import api
from regrade.domain import Run, SpanKind, Suite
from regrade.domain.errors import UsageError
from regrade.instrument import decorated, standing_in
from regrade.suites import load_suite

APP = """
import threading
from regrade import component

asked = []

@component("seek", kind="retrieval")
def retrieve(question):
    asked.append(question)
    return ["wrong"]

def answer(input):
    if input == "skip":
        return "nothing"
    found = []
    worker = threading.Thread(target=lambda: found.extend(retrieve(input)))
    worker.start()
    worker.join()
    return found[0]

def gold(case):
    return case.expected.get("documents")

def broken(case):
    raise ValueError("no gold today")
"""
SUITE = """
name: support
objective: Answer questions.
criteria: {right: It is right.}
dataset:
  - {id: known, input: hi, expected: {answer: right, documents: [right]}}
  - {id: unknown, input: ho, expected: {answer: right}}
target: gold_app:answer
components:
  retrieval: {span: seek, gold: gold_app:gold}
  kinds: {kind: retrieval, gold: gold_app:broken}
  other: {span: rank, kind: reranker, gold: gold_app:gold}
  marked: {attribute: {a: b}, gold: gold_app:gold}
  without: {span: seek}
graders: [{type: equals, expected: "{{ expected.answer }}"}]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "gold_app.py").write_text(APP)
    path = tmp_path / "suite.yaml"
    path.write_text(SUITE)
    return path


def run_of(suite: Suite) -> Run:
    return api.blocking(lambda: api.run_suite(suite, store=None)).run


def outcomes(suite: Suite) -> dict[str, str]:
    return {each.case.id: each.outcome for each in run_of(suite).attempts}


def test_the_known_good_output_stands_in_where_a_case_has_one_also_in_threads(path: Path) -> None:
    assert outcomes(load_suite(path)) == {"known": "failed", "unknown": "failed"}
    suite = load_suite(path, with_gold="retrieval")
    assert outcomes(suite) == {"known": "passed", "unknown": "failed"}
    assert suite.outline.with_gold == "retrieval"
    assert suite.target.version != load_suite(path).target.version


@pytest.mark.parametrize(
    ("inputs", "said"), [(("hi", "skip"), "1 of 2 attempts"), (("skip", "skip"), "any attempt")]
)
def test_it_is_said_where_the_component_was_not_called(
    path: Path, inputs: tuple[str, str], said: str
) -> None:
    text = path.read_text()
    for name, given in zip(("input: hi", "input: ho"), inputs, strict=True):
        text = text.replace(name, f"input: {given}")
    path.write_text(text)
    suite = load_suite(path, with_gold="retrieval")
    done = api.blocking(lambda: api.run_suite(suite, store=None))
    assert any(f"retrieval was not called in {said}" in note for note in done.aftermath.notes)
    plain = api.blocking(lambda: api.run_suite(load_suite(path), store=None))
    assert not any("not called" in note for note in plain.aftermath.notes)


def test_a_function_that_fails_to_give_it_fails_the_attempt(path: Path) -> None:
    run = run_of(load_suite(path, with_gold="kinds"))
    assert {str(each.trace.error and each.trace.error.message) for each in run.attempts} == {
        "ValueError: no gold today"
    }


@pytest.mark.parametrize(
    ("name", "extra", "said"),
    [
        ("gone", "", "there is no component 'gone'"),
        (
            "without",
            "",
            "'without' has no known-good output; .*{without: {gold: app:gold_without}}",
        ),
        ("other", "", r'put @regrade.component\("rank", kind="reranker"\)'),
        ("marked", "", r'put @regrade.component\("marked"\)'),
        ("retrieval", "isolation: process", "a Python function in this process"),
        ("retrieval", "gold_app:nothing", "of 'retrieval' cannot be found: .*has no 'nothing'"),
    ],
)
def test_where_nothing_can_stand_in_it_says_why(
    path: Path, name: str, extra: str, said: str
) -> None:
    if ":nothing" in extra:
        path.write_text(SUITE.replace("gold_app:gold}", f"{extra}}}", 1))
    else:
        path.write_text(SUITE + extra)
    with pytest.raises(UsageError, match=said):
        load_suite(path, with_gold=name)


def test_functions_of_every_kind_are_stood_in_for_only_inside_and_only_by_their_own_name() -> None:
    @regrade.component("plain")
    def plain() -> list[int]:
        return [1]

    @regrade.component("later")
    async def later() -> list[int]:
        return [1]

    @regrade.component("several")
    def several() -> Iterator[int]:
        yield 1

    @regrade.component("several later")
    async def several_later() -> AsyncIterator[int]:
        yield 1

    async def all_of_them() -> list[Any]:
        return [plain(), await later(), list(several()), [x async for x in several_later()]]

    every: set[tuple[str, SpanKind]] = {
        (name, "span") for name in ("plain", "later", "several", "several later")
    }
    assert every <= decorated()
    with standing_in([7, 8], every):
        assert asyncio.run(all_of_them()) == [[7, 8]] * 4
    with standing_in([7, 8], {("other", "span"), ("plain", "tool")}):
        assert asyncio.run(all_of_them()) == [[1]] * 4
    assert asyncio.run(all_of_them()) == [[1]] * 4


def test_attempts_at_once_do_not_share_what_stands_in() -> None:
    @regrade.component("shared")
    def shared() -> int:
        return -1

    def one(number: int) -> None:
        with standing_in(number, {("shared", "span")}):
            for _ in range(50):
                seen.append(shared() == number)

    seen: list[bool] = []
    threads = [threading.Thread(target=one, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert seen == [True] * 400
