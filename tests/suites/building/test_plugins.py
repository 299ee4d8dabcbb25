import sys
from pathlib import Path

import pytest

from regrade.domain.errors import SuiteError, UsageError
from regrade.suites import load_suite
from tests.suites.test_file import GOOD

PLUGIN = """
from dataclasses import dataclass
from contextlib import asynccontextmanager
from typing import ClassVar
from regrade.graders import Check
from regrade import Grade, Response

@dataclass(frozen=True, slots=True, kw_only=True)
class Shouts(Check):
    type: ClassVar[str] = "shouts"
    loud: int = 1
    async def judge(self, case, trace):
        return Grade(trace.output_text.isupper(), "It shouts or it does not.")

class Parrot:
    is_live, keeps_time, version = True, True, "1"
    def __init__(self, word): self.word = word
    @asynccontextmanager
    async def opened(self): yield
    async def reach(self): pass
    async def answer(self, case, *, timeout_s): return Response(self.word)
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    site = tmp_path / "site"
    info = site / "parrot-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "parrot_plugin.py").write_text(PLUGIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: parrot\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[regrade.graders]\nshouts = parrot_plugin:Shouts\n[regrade.targets]\nparrot = parrot_plugin:Parrot\n"
    )
    monkeypatch.syspath_prepend(str(site))
    sys.modules.pop("parrot_plugin", None)
    return info / "entry_points.txt"


def suite(tmp_path: Path, **changes: str) -> Path:
    text = (
        GOOD.replace("target: app:answer", "target: {type: parrot, word: HI}")
        + "graders: [{type: shouts, loud: 2}]\n"
    )
    for old, new in changes.items():
        text = text.replace(old, new)
    (tmp_path / "suite.yaml").write_text(text)
    return tmp_path / "suite.yaml"


def test_graders_and_targets_of_other_packages_are_used_by_name(
    tmp_path: Path, installed: Path
) -> None:
    loaded = load_suite(suite(tmp_path))
    assert loaded.graders[0].spec.identity.type == "shouts"
    assert loaded.target.version == "1"
    with pytest.raises(SuiteError, match="shouts has no option 'lowd'. Did you mean 'loud'"):
        load_suite(suite(tmp_path, loud="lowd"))
    with pytest.raises(SuiteError, match="unexpected keyword argument 'wurd'"):
        load_suite(suite(tmp_path, word="wurd"))


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (
            "[regrade.graders]\ncontains = parrot_plugin:Shouts\n",
            "brings a second regrade.graders named 'contains'",
        ),
        ("[regrade.graders]\nshouts = parrot_plugin:Nothing\n", "cannot be loaded: AttributeError"),
        (
            "[regrade.graders]\nshouts = parrot_plugin:Parrot\n",
            "must be a subclass of regrade.graders.Check",
        ),
    ],
)
def test_a_broken_plugin_is_said(tmp_path: Path, installed: Path, entries: str, said: str) -> None:
    installed.write_text(entries)
    with pytest.raises(UsageError, match=said):
        load_suite(suite(tmp_path))
