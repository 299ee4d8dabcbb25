"""What was read a moment ago, up to a size: runs that have ended do not change, and are looked at again and again."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Memory(Generic[Value]):
    """Values by key, the ones used last; safe with threads."""

    def __init__(self, most: int, size: Callable[[Value], int] = lambda _: 1) -> None:
        """Take how much is remembered, and how much of that a value takes."""
        self._most, self._size = most, size
        self._known: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = threading.Lock()
        self._total = 0

    def get(self, key: Hashable) -> Value | None:
        """Give a value that is remembered."""
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        return None

    def put(self, key: Hashable, value: Value) -> Value:
        """Remember a value, and forget those that were not used for longest; gives it back."""
        with self._lock:
            if key in self._known:
                self._total -= self._size(self._known.pop(key))
            self._known[key] = value
            self._total += self._size(value)
            while self._total > self._most and len(self._known) > 1:
                self._total -= self._size(self._known.popitem(last=False)[1])
        return value
