"""Who offers language models: where, under which key, and in which dialect."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from regrade.domain.errors import UsageError

from .structured import Way

Dialect = Literal["chat_completions", "responses", "messages", "gemini"]


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider."""

    base_url: str
    """Where, up to the version of the interface."""
    key: str | None
    """The environment variable of the key; None when there is none."""
    dialect: Dialect = "chat_completions"
    """How it is spoken with."""
    prices: str | None = None
    """Its name in the price table; None for models on one's own machines."""
    needs_key: bool = True
    """Whether it refuses to answer without a key."""
    way: Way = "schema"
    """How it is brought to answer in JSON, at first; what it refuses is tried otherwise."""


PROVIDERS: Mapping[str, Provider] = {
    "openai": Provider("https://api.openai.com/v1", "OPENAI_API_KEY", prices="openai"),
    "openai-responses": Provider(
        "https://api.openai.com/v1", "OPENAI_API_KEY", "responses", prices="openai"
    ),
    "anthropic": Provider(
        "https://api.anthropic.com/v1",
        "ANTHROPIC_API_KEY",
        "messages",
        prices="anthropic",
        way="tool",
    ),
    "gemini": Provider(
        "https://generativelanguage.googleapis.com/v1beta",
        "GEMINI_API_KEY",
        "gemini",
        prices="google",
    ),
    "google": Provider(
        "https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY", prices="google"
    ),
    "mistral": Provider("https://api.mistral.ai/v1", "MISTRAL_API_KEY", prices="mistral"),
    "deepseek": Provider(
        "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY", prices="deepseek", way="tool"
    ),
    "groq": Provider("https://api.groq.com/openai/v1", "GROQ_API_KEY", prices="groq"),
    "xai": Provider("https://api.x.ai/v1", "XAI_API_KEY", prices="x-ai"),
    "together": Provider("https://api.together.xyz/v1", "TOGETHER_API_KEY", prices="together"),
    "openrouter": Provider(
        "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", prices="openrouter"
    ),
    "ollama": Provider("http://localhost:11434/v1", None, needs_key=False),
    "vllm": Provider("http://localhost:8000/v1", "VLLM_API_KEY", needs_key=False),
    "local": Provider("http://localhost:8080/v1", "LOCAL_API_KEY", needs_key=False),
}
"""The providers by the name that stands before the colon in `provider:model`."""


@dataclass(frozen=True, slots=True)
class ModelName:
    """A model, and how to reach it."""

    provider_name: str
    """Before the colon."""
    model: str
    """After it."""
    base_url: str
    """Where it is."""
    provider: Provider
    """Its provider."""
    is_elsewhere: bool
    """Whether `base_url` was given, so that it is not the provider's own."""

    @property
    def key(self) -> str | None:
        """The key, read from the environment now and kept nowhere.

        Raises: UsageError when it is needed and not set.
        """
        name = self.provider.key
        value = os.environ.get(name, "").strip() if name else ""
        if not value and self.provider.needs_key and not self.is_elsewhere:
            raise UsageError(
                f"the model {self.provider_name}:{self.model} needs its key in the environment variable {name}"
            )
        return value or None


def read_model_name(text: str, base_url: str | None = None) -> ModelName:
    """Read `provider:model`; `base_url`, or a variable such as OPENAI_BASE_URL, says where an
    endpoint of the provider's dialect is.

    Raises: UsageError.
    """
    provider_name, colon, model = text.partition(":")
    if not colon or not model or provider_name not in PROVIDERS:
        known = ", ".join(PROVIDERS)
        raise UsageError(f"{text!r} is no model; write provider:model, with one of: {known}")
    provider = PROVIDERS[provider_name]
    if base_url is not None and not base_url.startswith(("http://", "https://")):
        raise UsageError(f"`base_url` is {base_url!r}; it begins with http:// or https://")
    elsewhere = base_url or os.environ.get(f"{_prefix(provider_name, provider)}_BASE_URL")
    where = (elsewhere or provider.base_url).rstrip("/")
    return ModelName(provider_name, model, where, provider, elsewhere is not None)


def _prefix(name: str, provider: Provider) -> str:
    """Give how the provider's environment variables begin."""
    return provider.key.removesuffix("_API_KEY") if provider.key else name.upper()
