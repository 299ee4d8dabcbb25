"""The language models that graders ask: one client a model, one limiter an endpoint."""

from regrade.domain import ChatModel
from regrade.settings import prices_path
from regrade.wire.limits import AdaptiveLimiter

AT_ONCE = 64
"""Calls of one endpoint that are in flight at once, at most."""


class JudgeModels:
    """Makes each model once, and has those of one endpoint slow down together."""

    def __init__(self) -> None:
        """Begin with none."""
        self._models: dict[str, ChatModel] = {}
        self._limiters: dict[str, AdaptiveLimiter] = {}

    def model(self, name: str) -> ChatModel:
        """Give the model that `provider:model` names.

        Raises: UsageError.
        """
        if name not in self._models:
            from regrade.chat.client import ChatClient  # noqa: PLC0415  loads an HTTP client
            from regrade.chat.prices import read_prices  # noqa: PLC0415  as above
            from regrade.chat.providers import read_model_name  # noqa: PLC0415  as above

            where = read_model_name(name).base_url
            limiter = self._limiters.setdefault(where, AdaptiveLimiter(AT_ONCE))
            own = prices_path()
            prices = read_prices(own) if own else {}
            self._models[name] = ChatClient(name, prices=prices, limiter=limiter)
        return self._models[name]
