import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from regrade.chat.prices import Price, priced, read_prices, table_date, table_name
from regrade.domain import Usage
from regrade.domain.errors import UsageError


def used(**more: int | float | None) -> Usage:
    return Usage(**{"input_tokens": 1_000_000, "output_tokens": 100_000, **more})  # type: ignore[arg-type]  # counts


def test_own_prices_go_before_the_table() -> None:
    own = {"openai:gpt-4o-mini": Price(1.0, 10.0, 0.5)}
    found = priced(used(cached_tokens=200_000), "openai:gpt-4o-mini", "openai", own)
    assert found is not None
    assert found.cost_usd == pytest.approx(0.8 + 0.1 + 1.0)
    assert found.priced_by == "own prices"


def test_the_table_prices_known_models_and_names_its_date() -> None:
    found = priced(used(), "openai:gpt-4o-mini", "openai", {})
    assert found is not None
    assert found.cost_usd == pytest.approx(
        0.15 + 0.06
    )  # 0.15 and 0.60 dollars for a million, as listed by OpenAI
    assert found.priced_by == table_name()
    assert str(table_date()) in table_name()
    assert datetime(2025, 1, 1, tzinfo=UTC).date() < table_date() <= datetime.now(UTC).date()


@pytest.mark.parametrize(
    ("model", "provider"), [("openai:nobody-knows", "openai"), ("local:x", None)]
)
def test_unknown_stays_unknown(model: str, provider: str | None) -> None:
    found = priced(used(), model, provider, {})
    assert found is not None
    assert found.cost_usd is None
    assert found.priced_by is None


def test_what_the_provider_says_is_believed() -> None:
    said = Usage(input_tokens=1, output_tokens=1, cost_usd=0.5, priced_by="reported")
    assert priced(said, "openai:gpt-4o-mini", "openai", {"openai:gpt-4o-mini": Price(9, 9)}) is said


def test_unknown_tokens_have_no_price() -> None:
    assert priced(None, "openai:gpt-4o-mini", "openai", {}) is None
    half = priced(Usage(input_tokens=5), "openai:gpt-4o-mini", "openai", {})
    assert half is not None
    assert half.cost_usd is None


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_more_tokens_never_cost_less(a: int, b: int) -> None:
    price = Price(1.5, 6.0, 0.3)
    less, more = sorted([a, b])
    low = price.of(Usage(input_tokens=less, output_tokens=less, cached_tokens=less // 2))
    high = price.of(Usage(input_tokens=more, output_tokens=more, cached_tokens=less // 2))
    assert low is not None
    assert high is not None
    assert low <= high + 1e-9


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("nonsense", "cannot be read"),
        ("[]", "no object"),
        ('{"openai:m": 3}', "dollars for a million"),
        ('{"openai:m": {"input": 1}}', "dollars for a million"),
        ('{"openai:m": {"input": 1, "output": -2}}', "dollars for a million"),
        ('{"openai:m": {"input": 1, "output": 2, "cache": 3}}', "dollars for a million"),
    ],
)
def test_prices_that_are_none_are_refused(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "prices.json"
    path.write_text(content)
    with pytest.raises(UsageError, match=said):
        read_prices(path)


def test_prices_are_read(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text(json.dumps({"openai:m": {"input": 1, "output": 2}}))
    assert read_prices(path) == {"openai:m": Price(1, 2)}
