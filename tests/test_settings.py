from pathlib import Path

import pytest

from regrade.domain.errors import UsageError
from regrade.settings import SETTINGS, database, setting, stuck_after_s


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGRADE_DB", "/elsewhere/x.db")
    monkeypatch.setenv("REGRADE_STUCK_AFTER", "2.5")
    assert database() == Path("/elsewhere/x.db")
    assert stuck_after_s() == 2.5
    assert setting("REGRADE_DB", {}) == ".regrade/regrade.db"


def test_wrong_settings_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGRADE_DB", "mysql://x")
    monkeypatch.setenv("REGRADE_STUCK_AFTER", "soon")
    with pytest.raises(UsageError, match="SQLite"):
        database()
    with pytest.raises(UsageError, match="'soon'"):
        stuck_after_s()


def test_every_setting_is_documented() -> None:
    docs = (Path(__file__).parents[1] / "docs" / "settings.md").read_text()
    for each in SETTINGS:
        assert f"`{each.name}`" in docs
        assert each.help in docs
