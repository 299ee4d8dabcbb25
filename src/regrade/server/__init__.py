"""The server: one ASGI application, whose doors are strangers to one another."""

from .app import Serving, application
from .running import serve

__all__ = ["Serving", "application", "serve"]
