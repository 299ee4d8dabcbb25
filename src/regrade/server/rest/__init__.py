"""The REST interface, `/api/v1`, with its OpenAPI document."""

from .routes import rest

__all__ = ["rest"]
