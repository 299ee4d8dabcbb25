"""As in the store: every test that asks for `place` is run on both databases."""

from tests.store.conftest import place

__all__ = ["place"]
