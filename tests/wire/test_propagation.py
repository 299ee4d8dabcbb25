import re
import sys

import pytest

from regrade.domain import Case
from regrade.ingest.capture import SpanRecorder
from regrade.targets import CommandTarget
from regrade.targets.http import HttpTarget
from regrade.wire.propagation import traceparent
from tests.fakes.http_server import http_server

pytestmark = pytest.mark.anyio
FORM = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01")


async def test_a_recorded_attempt_hands_its_context_on_to_an_endpoint() -> None:
    with http_server() as (url, pages), SpanRecorder().opened() as recorder:
        target = HttpTarget(f"{url}/echo", output="choices[0].text")
        async with target.opened():
            with recorder.recording():
                await target.answer(Case(input="a"), timeout_s=5)
                here = traceparent()["traceparent"]
            await target.answer(Case(input="b"), timeout_s=5)
    first, second = pages.headers
    assert first["traceparent"] == here
    assert FORM.fullmatch(here)
    assert "traceparent" not in second


async def test_and_to_a_program() -> None:
    code = "import os; print(os.environ.get('TRACEPARENT'))"
    target = CommandTarget([sys.executable, "-c", code])
    with SpanRecorder().opened() as recorder, recorder.recording():
        recorded = await target.answer(Case(input="a"), timeout_s=20)
    assert FORM.fullmatch(str(recorded.output))
    assert (await target.answer(Case(input="a"), timeout_s=20)).output == "None"
