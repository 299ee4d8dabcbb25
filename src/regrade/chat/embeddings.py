"""Embeddings from an OpenAI-compatible endpoint.

Reference: platform.openai.com/docs/api-reference/embeddings.
"""

from collections.abc import Sequence

from regrade.domain import content_hash, read_json
from regrade.domain.errors import NotJsonError, TargetError, UsageError
from regrade.wire.requests import replied, session

from . import chat_completions
from .providers import read_model_name

TIMEOUT_S = 30.0


class EmbeddingClient:
    """Asks for the vectors of texts."""

    def __init__(self, model: str, *, base_url: str | None = None) -> None:
        """Take `provider:model`.

        Raises: UsageError.
        """
        self._name = read_model_name(model, base_url)
        if self._name.provider.dialect == "messages":
            raise UsageError(
                f"{self._name.provider_name} offers no embeddings; use another provider"
            )
        self.version = f"{model}@{content_hash(self._name.base_url)}"

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Give each text its vector.

        Raises: TransientError, TargetError, TimeoutError; UsageError when the key is missing.
        """
        url = self._name.base_url + "/embeddings"
        headers = chat_completions.headers(self._name.key)
        body = {"model": self._name.model, "input": list(texts), "encoding_format": "float"}
        async with (
            session() as opened,
            replied(opened, "POST", url, headers=headers, body=body, timeout_s=TIMEOUT_S) as reply,
        ):
            content = (await reply.read()).decode("utf-8", "replace")
        try:
            rows = sorted(read_json(content)["data"], key=lambda row: row["index"])
            found = [list(map(float, row["embedding"])) for row in rows]
        except (LookupError, TypeError, ValueError, NotJsonError) as error:
            raise TargetError(f"the reply holds no embeddings ({error})", kind="http") from None
        if len(found) != len(texts):
            raise TargetError(f"{len(texts)} texts got {len(found)} embeddings", kind="http")
        return found
