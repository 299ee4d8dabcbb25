from typing import Any

import pytest

from regrade.domain import Case, Document, Response
from regrade.targets import ComponentTarget, PythonTarget

pytestmark = pytest.mark.anyio


async def retrieved(returned: Any) -> tuple[Document, ...] | None:
    target = ComponentTarget(PythonTarget(lambda input: returned))
    await target.reach()
    async with target.opened():
        return (await target.answer(Case(id="1", input="q"), timeout_s=5)).retrieved


@pytest.mark.parametrize(
    ("returned", "documents"),
    [
        (["a"], (Document(text="a"),)),
        ([{"id": 7, "score": 0.5}], (Document(id="7", score=0.5),)),
        ([], ()),
        ([{"name": "x"}], None),
        ([["a", 1]], None),
        (["a", 1], None),
        ({"id": "a"}, None),
        ("a", None),
        (Response("a", retrieved=(Document(id="own"),)), (Document(id="own"),)),
    ],
)
async def test_a_list_of_documents_counts_as_retrieved(
    returned: Any, documents: tuple[Document, ...] | None
) -> None:
    assert await retrieved(returned) == documents


async def test_an_object_that_only_looks_like_a_document_is_none() -> None:
    assert await retrieved([{"id": "a", "metadata": 5}]) is None


def test_it_has_the_version_of_its_target() -> None:
    inner = PythonTarget(lambda input: input)
    target = ComponentTarget(inner)
    assert (target.version, target.is_live, target.keeps_time) == (inner.version, True, True)
