"""The pages: what people see, read and act on in a browser."""

from .door import pages

__all__ = ["pages"]
