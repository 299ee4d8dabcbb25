import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

import regrade


def test_decorated_functions_do_what_they_did() -> None:
    @regrade.component("plain")
    def plain(a: int, *, b: int = 2) -> int:
        """Adds."""
        return a + b

    @regrade.component("async")
    async def later(a: int) -> int:
        return a

    @regrade.component("gen")
    def several(n: int) -> Iterator[int]:
        yield from range(n)

    @regrade.component("agen")
    async def several_later(n: int) -> AsyncIterator[int]:
        for each in range(n):
            yield each

    async def all_of_it() -> tuple[int, list[int]]:
        return await later(3), [each async for each in several_later(3)]

    assert plain(1, b=4) == 5
    assert (plain.__name__, plain.__doc__) == ("plain", "Adds.")
    assert list(several(3)) == [0, 1, 2]
    assert asyncio.run(all_of_it()) == (3, [0, 1, 2])


def test_exceptions_go_on() -> None:
    @regrade.component("gen")
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        list(broken())
    with pytest.raises(KeyError), regrade.span("x", kind="tool"):
        raise KeyError("k")
    half = broken()
    assert next(half) == 1
    half.close()  # type: ignore[attr-defined]  # a generator


def test_a_kind_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="no kind of span"):
        regrade.component("x", kind="retreival")  # type: ignore[arg-type]  # on purpose
    with pytest.raises(ValueError, match="no kind of span"), regrade.span("x", kind="nope"):  # type: ignore[arg-type]  # on purpose
        pass
