"""The bit strings of consent frameworks: web-safe base64 whose groups of six bits are read one after the other."""

import string
from collections.abc import Iterator

_ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
_VALUES = {letter: number for number, letter in enumerate(_ALPHABET)} | {"+": 62, "/": 63}
LENGTH_LIMIT = 8_000


class UnreadableBits(ValueError):
    """A text that is no such bit string, or one that ends too early."""


class Bits:
    """Reads a bit string from its beginning, or at a place."""

    def __init__(self, text: str) -> None:
        letters = text.rstrip("=")
        if len(letters) > LENGTH_LIMIT or not all(letter in _VALUES for letter in letters):
            raise UnreadableBits("not a text of web-safe base64")
        self._length = len(letters) * 6
        self._number = 0
        for letter in letters:
            self._number = self._number << 6 | _VALUES[letter]
        self._at = 0

    def at(self, place: int, width: int) -> int:
        """Answer the number of `width` bits at a place."""
        if place + width > self._length:
            raise UnreadableBits("the text ends too early")
        return self._number >> (self._length - place - width) & ((1 << width) - 1)

    def next(self, width: int) -> int:
        """Answer the next number of `width` bits."""
        found = self.at(self._at, width)
        self._at += width
        return found

    def skip_to(self, place: int) -> None:
        """Go on reading at a place."""
        self._at = place

    def next_fibonacci(self) -> int:
        """Answer the next number in Fibonacci coding: it ends with two ones."""
        total, before, weight, last = 0, 1, 1, 0
        while True:
            bit = self.next(1)
            if bit and last:
                return total
            total += weight if bit else 0
            before, weight = weight, before + weight
            last = bit

    def next_range(self, limit: int = 64) -> Iterator[int]:
        """Answer the numbers of a Fibonacci-coded range."""
        latest = 0
        for _ in range(min(self.next(12), limit)):
            if self.next(1):
                first = latest + self.next_fibonacci()
                latest = first + self.next_fibonacci()
                yield from range(first, min(latest, first + limit) + 1)
            else:
                latest += self.next_fibonacci()
                yield latest
