"""Learning by small steps, in an order that is the same each time."""

import zlib

import numpy as np
from numpy.typing import NDArray

_KEPT, _KEPT_SQUARES = 0.9, 0.99

Floats = NDArray[np.float32]


class Adam:
    """One array that is learned (Kingma and Ba 2015)."""

    def __init__(self, learned: Floats) -> None:
        self.learned = learned
        self._slope, self._square = np.zeros_like(learned), np.zeros_like(learned)
        self._steps = 0

    def step(self, slope: Floats, rate: float, *, decay: float = 0.0) -> None:
        self._steps += 1
        self._slope += np.float32(1 - _KEPT) * (slope - self._slope)
        self._square += np.float32(1 - _KEPT_SQUARES) * (slope**2 - self._square)
        even = np.sqrt(self._square / np.float32(1 - _KEPT_SQUARES**self._steps)) + np.float32(1e-8)
        self.learned -= np.float32(rate * decay) * self.learned
        self.learned -= np.float32(rate / (1 - _KEPT**self._steps)) * self._slope / even


def shuffled(count: int, epoch: int) -> NDArray[np.intp]:
    """Answer the numbers below `count` in an order that each epoch has for itself."""
    return np.argsort([zlib.crc32(b"%d %d" % (epoch, number)) for number in range(count)], kind="stable")


def softmax(logits: Floats) -> Floats:
    chances: Floats = np.exp(logits - logits.max(axis=-1, keepdims=True))
    chances /= chances.sum(axis=-1, keepdims=True)
    return chances
