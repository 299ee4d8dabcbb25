"""What a reply cost: by the provider's own figure, the user's prices, or a dated table that needs
no network; unknown stays unknown.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from regrade.domain import Usage, read_json
from regrade.domain.errors import NotJsonError, UsageError

_DATE = re.compile(r"\b20\d\d-[01]\d-[0-3]\d\b")
_PER = 1_000_000
_KEYS = ("input", "output", "cached_input")


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens."""

    input: float
    """Sent."""
    output: float
    """Received."""
    cached_input: float | None = None
    """Sent, and read from the provider's cache; None when it costs what others do."""

    def of(self, usage: Usage) -> float | None:
        """Give what a reply cost; None when its tokens are not known."""
        if usage.input_tokens is None or usage.output_tokens is None:
            return None
        cached = usage.cached_tokens or 0
        cheap = self.input if self.cached_input is None else self.cached_input
        sent = (usage.input_tokens - cached) * self.input + cached * cheap
        return (sent + usage.output_tokens * self.output) / _PER


def read_prices(path: Path) -> Mapping[str, Price]:
    """Read the user's own prices: a JSON object of `provider:model` to `input`, `output` and
    `cached_input`, in US dollars for a million tokens.

    Raises: UsageError.
    """
    try:
        content = read_json(path.read_text(encoding="utf-8-sig"))
    except (OSError, NotJsonError) as error:
        raise UsageError(f"the prices {path} cannot be read: {error}") from None
    if not isinstance(content, dict):
        raise UsageError(f"the prices {path} hold no object of provider:model to prices")
    return {name: _price(path, name, value) for name, value in content.items()}


def _price(path: Path, name: str, value: Any) -> Price:
    wanted = (
        f'write {{"input": 1.5, "output": 6}} (also {_KEYS[2]}), in US dollars for a million tokens'
    )
    if not isinstance(value, dict) or not {"input", "output"} <= {*value} <= {*_KEYS}:
        raise UsageError(f"{path}: the price of {name!r} is {value!r}; {wanted}")
    if not all(isinstance(each, int | float) and each >= 0 for each in value.values()):
        raise UsageError(f"{path}: the price of {name!r} is {value!r}; {wanted}")
    return Price(**value)


def priced(
    usage: Usage | None, model: str, table_provider: str | None, own: Mapping[str, Price]
) -> Usage | None:
    """Add what a reply cost, unless the provider said so itself.

    `model` is `provider:model`; `table_provider` is the provider's name in the table.
    """
    if usage is None or usage.cost_usd is not None:
        return usage
    if (price := own.get(model)) is not None:
        return replace(usage, cost_usd=price.of(usage), priced_by="own prices")
    if table_provider is None or usage.input_tokens is None or usage.output_tokens is None:
        return usage
    cost = _by_table(usage, model.partition(":")[2], table_provider)
    return usage if cost is None else replace(usage, cost_usd=cost, priced_by=table_name())


@cache
def _is_known(model: str, provider: str) -> bool:
    """Whether the table has a price: looked up once, since looking in vain costs most."""
    from genai_prices import Usage as Tokens, calc_price  # noqa: PLC0415  half a second

    try:
        calc_price(Tokens(input_tokens=1, output_tokens=1), model, provider_id=provider)
    except LookupError:
        return False
    return True


def _by_table(usage: Usage, model: str, provider: str) -> float | None:
    from genai_prices import Usage as Tokens, calc_price  # noqa: PLC0415  half a second

    if not _is_known(model, provider):
        return None
    tokens = Tokens(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        **({"cache_read_tokens": usage.cached_tokens} if usage.cached_tokens else {}),
    )
    try:
        return float(calc_price(tokens, model, provider_id=provider).total_price)
    except LookupError:
        return None


@cache
def table_name() -> str:
    """Name the price table: its version, and the day of its newest entry."""
    from importlib.metadata import version  # noqa: PLC0415  where prices are asked for

    return f"genai-prices {version('genai-prices')} of {table_date()}"


@cache
def table_date() -> date:
    """Give the day of the table's newest entry that is not in the future."""
    from genai_prices import data_snapshot  # noqa: PLC0415  half a second

    today = datetime.now(UTC).date()
    said = (
        day
        for provider in data_snapshot.get_snapshot().providers
        for model in provider.models
        for day in _DATE.findall(f"{model.price_comments} {model.prices!r}")
    )
    return max((each for day in said if (each := _day(day)) and each <= today), default=today)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
