import json
import sys
import time
from pathlib import Path

import pytest

from regrade.domain import Case
from regrade.domain.errors import TargetError, TargetSetupError
from regrade.targets import CommandTarget

pytestmark = pytest.mark.anyio
CASE = Case(id="c1", input="hi", context={"a": 1}, config={"mode": "x"})


def python(code: str, **options: object) -> CommandTarget:
    return CommandTarget([sys.executable, "-c", code], **options)  # type: ignore[arg-type]  # keywords


async def test_the_case_comes_in_as_json_and_the_answer_goes_out_as_text() -> None:
    target = python(
        "import sys, json; q = json.load(sys.stdin); print(q['input'].upper(), q['context']['a'], q['id'])"
    )
    async with target.opened():
        assert (await target.answer(CASE, timeout_s=20)).output == "HI 1 c1"


async def test_the_context_is_in_the_environment() -> None:
    code = "import os; print(os.environ['REGRADE_CASE_ID'], os.environ['REGRADE_CONTEXT'], os.environ['MINE'])"
    assert (
        await python(code, env={"MINE": "m"}).answer(CASE, timeout_s=20)
    ).output == 'c1 {"a": 1} m'


async def test_arguments_may_hold_templates() -> None:
    target = CommandTarget(
        [sys.executable, "-c", "import sys; print(sys.argv[1])", "{{ config.mode }}!"]
    )
    assert (await target.answer(CASE, timeout_s=20)).output == "x!"
    missing = CommandTarget([sys.executable, "-c", "", "{{ config.nothing }}"])
    with pytest.raises(TargetError, match="cannot be written"):
        await missing.answer(CASE, timeout_s=20)


async def test_json_and_whole_responses_are_read() -> None:
    code = 'print(\'{"output": "o", "usage": {"cost_usd": 0.5}, "tool_calls": [{"name": "t"}]}\')'
    assert (await python(code, format="json").answer(CASE, timeout_s=20)).output["output"] == "o"
    response = await python(code, format="response").answer(CASE, timeout_s=20)
    assert response.output == "o"
    assert response.usage is not None
    assert response.usage.cost_usd == 0.5
    assert response.tool_calls is not None
    for form in ("json", "response"):
        with pytest.raises(TargetError, match=f"did not write {form}"):
            await python("print('{')", format=form).answer(CASE, timeout_s=20)
    with pytest.raises(TargetError, match="no object with `output`"):
        await python("print(3)", format="response").answer(CASE, timeout_s=20)


async def test_a_failure_is_told_with_its_last_words() -> None:
    with pytest.raises(TargetError, match="exit code 3: no such thing") as caught:
        await python("import sys; print('no such thing', file=sys.stderr); sys.exit(3)").answer(
            CASE, timeout_s=20
        )
    assert caught.value.kind == "exit"
    with pytest.raises(TargetError, match="SIGKILL"):
        await python("import os, signal; os.kill(os.getpid(), signal.SIGKILL)").answer(
            CASE, timeout_s=20
        )


async def test_a_program_that_listens_to_nothing_may_still_answer() -> None:
    big = Case(input="x" * 2_000_000)
    assert (
        await python("import os; os.close(0); print('ok')").answer(big, timeout_s=20)
    ).output == "ok"


async def test_after_its_time_it_is_killed_with_everything_that_it_started(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    code = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(pid)!r}, 'w').write(str(child.pid)); time.sleep(60)"
    )
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        await python(code).answer(CASE, timeout_s=2)
    assert time.monotonic() - began < 10
    grandchild = int(pid.read_text())
    for _ in range(100):
        if not _is_alive(grandchild):
            break
        time.sleep(0.05)
    assert not _is_alive(grandchild)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state not in "ZX"


async def test_what_it_leaves_behind_does_not_hold_up_its_answer() -> None:
    code = "import subprocess, sys; subprocess.Popen(['sleep', '60']); print('early')"
    began = time.monotonic()
    with pytest.raises(TargetError, match="still writes its output"):
        await python(code).answer(CASE, timeout_s=20)
    assert time.monotonic() - began < 10


async def test_output_without_end_is_ended() -> None:
    with pytest.raises(TargetError, match="more than 16 MiB"):
        await python("import sys\nwhile True: sys.stdout.write('x' * 65536)").answer(
            CASE, timeout_s=30
        )


async def test_a_program_that_is_not_there_is_told_before_and_during_a_run(tmp_path: Path) -> None:
    target = CommandTarget(["no-such-program"], folder=tmp_path)
    with pytest.raises(TargetSetupError, match="no program 'no-such-program'"):
        await target.reach()
    with pytest.raises(TargetError, match="cannot be started"):
        await target.answer(CASE, timeout_s=5)
    with pytest.raises(TargetSetupError, match="is empty"):
        CommandTarget([])
    await CommandTarget([sys.executable]).reach()


async def test_a_changed_script_is_another_version(tmp_path: Path) -> None:
    script = tmp_path / "run.sh"
    script.write_text("#!/bin/sh\ncat\n")
    script.chmod(0o755)
    first = CommandTarget(["./run.sh"], folder=tmp_path)
    answer = await first.answer(CASE, timeout_s=20)
    assert json.loads(str(answer.output))["input"] == "hi"
    script.write_text("#!/bin/sh\necho other\n")
    assert CommandTarget(["./run.sh"], folder=tmp_path).version != first.version
