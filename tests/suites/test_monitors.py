"""Monitors as they are written."""

from pathlib import Path

import pytest

from regrade.domain.errors import SuiteError, UsageError
from regrade.domain.live import ProjectSettings
from regrade.suites import build_monitor, read_monitors
from regrade.suites.live.monitors import CHECKS

SUITE = """
name: shop
objective: Answer.
criteria: {right: R., clean: C.}
dataset: cases.jsonl
target: app:answer
components: {retrieval: {kind: retrieval}}
graders:
  - {type: equals, criterion: right}
  - {type: pii, criterion: clean}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "monitors.yaml"
    path.write_text(text)
    return path


def test_a_monitor_has_the_graders_of_its_suite_and_its_own(tmp_path: Path) -> None:
    (tmp_path / "suite.yaml").write_text(SUITE)
    text = """
monitors:
  shop:
    suite: suite.yaml
    checks: [answered, valid_json]
    graders: [{type: length, max: 9}]
    where: {service: shop}
    sample: 0.2
    always: [error, slow]
    slow: 2s
    budget: {daily_usd: 1.5, monthly_usd: 20}
"""
    [(name, document)] = read_monitors(write(tmp_path, text)).monitors.items()
    built = build_monitor(name, document, folder=tmp_path)
    names = [grader.spec.name for grader in built.graders]
    assert names == ["equals", "pii", "no_error", "json", "length"]
    assert [component.name for component in built.components] == ["retrieval"]
    monitor = built.monitor
    assert (monitor.sample, monitor.always, monitor.slow_ms) == (0.2, ("error", "slow"), 2000)
    assert (monitor.daily_usd, monitor.monthly_usd, monitor.where) == (1.5, 20, {"service": "shop"})
    (tmp_path / "suite.yaml").write_text(SUITE.replace("{type: pii,", "{type: pii, given: fail,"))
    assert build_monitor(name, document, folder=tmp_path).monitor.version != monitor.version


def test_every_mistake_is_told_with_its_place(tmp_path: Path) -> None:
    text = """
monitors:
  a: {sample: 2, checks: [odd], colour: red}
  b: {}
  c: {checks: [pii], always: [slow]}
  d: {graders: [{type: lenght}]}
  e: {checks: [pii], where: {colour: red}}
"""
    with pytest.raises(SuiteError) as caught:
        read_monitors(write(tmp_path, text))
    said = str(caught.value)
    for words in (
        "monitors.yaml:3", "`sample` is 2", "unknown key 'colour'", "nothing judges",
        "needs `slow`", "unknown grader 'lenght'", "monitors.yaml:7",
    ):  # fmt: skip
        assert words in said, words
    with pytest.raises(SuiteError, match=r"monitors\.x\.graders\.0\.type: unknown grader"):
        build_monitor("x", {"graders": [{"type": "lenght"}]}, folder=tmp_path)
    for text in ("[]", "monitors: 3", "monitors: {}\nmore: 1"):
        with pytest.raises(SuiteError, match="an object with `monitors`"):
            read_monitors(write(tmp_path, text))
    with pytest.raises(UsageError, match="cannot be read"):
        read_monitors(tmp_path / "none.yaml")
    with pytest.raises(UsageError, match="cannot be read"):
        build_monitor("x", {"suite": "none.yaml"}, folder=tmp_path)


@pytest.mark.parametrize("check", CHECKS)
def test_every_ready_check_can_be_made(check: str, tmp_path: Path) -> None:
    built = build_monitor("m", {"checks": [check]}, folder=tmp_path)
    assert [grader.spec.identity.type for grader in built.graders] == [CHECKS[check]["type"]]


def test_what_is_kept_is_read_too(tmp_path: Path) -> None:
    text = "keep: {redact: true, drop: [http.*], retention: 30d}\nmonitors: {m: {checks: [pii]}}"
    found = read_monitors(write(tmp_path, text))
    assert found.settings == ProjectSettings(redact=True, drop=("http.*",), retention_days=30)
    assert read_monitors(write(tmp_path, "monitors: {}")).settings is None
    with pytest.raises(SuiteError, match=r"monitors\.yaml:1.*unknown key 'colour'"):
        read_monitors(write(tmp_path, "keep: {colour: red}"))
