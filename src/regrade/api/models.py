"""A language model, asked once and from anywhere."""

from dataclasses import dataclass

from regrade.domain import ChatModel, ChatReply, ChatRequest, Message
from regrade.settings import prices_path

from .waiting import blocking

ASK_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class AskedModel:
    """A model that answers one question at a time."""

    model: ChatModel
    """How it is spoken with."""

    def ask(self, system: str, question: str, *, timeout_s: float = ASK_TIMEOUT_S) -> ChatReply:
        """Ask a question; `system` says how it should answer.

        Raises: TargetSetupError when the key is missing, TransientError, TargetError, TimeoutError.
        """
        return blocking(lambda: self.ask_async(system, question, timeout_s=timeout_s))

    async def ask_async(
        self, system: str, question: str, *, timeout_s: float = ASK_TIMEOUT_S
    ) -> ChatReply:
        """Ask a question from async code.

        Raises: as `ask`.
        """
        messages = [Message(role="system", content=system), Message(role="user", content=question)]
        async with self.model.opened():
            return await self.model.reply(ChatRequest(messages=messages), timeout_s=timeout_s)


def chat_model(name: str, *, base_url: str | None = None) -> AskedModel:
    """Give the model that `provider:model` names; its key comes from the provider's environment
    variable, and its prices from `REGRADE_PRICES` or the table that comes along.

    Raises: UsageError.
    """
    from regrade.chat.client import ChatClient  # noqa: PLC0415  loads an HTTP client
    from regrade.chat.prices import read_prices  # noqa: PLC0415  as above

    own = prices_path()
    prices = read_prices(own) if own else {}
    return AskedModel(ChatClient(name, base_url=base_url, prices=prices))
