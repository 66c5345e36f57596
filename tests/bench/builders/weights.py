"""Random weights that every builder draws alike."""

from __future__ import annotations

import numpy as np

Size = int | tuple[int, int]


def pair(size: Size) -> tuple[int, int]:
    """(height, width) of a size that may be one number."""
    return size if isinstance(size, tuple) else (size, size)


def windows(pixels: int, kernel: int, stride: int, valid: bool) -> int:
    """Pixels of the result along one axis."""
    return (pixels - kernel) // stride + 1 if valid else -(-pixels // stride)


def padding(pixels: int, kernel: int, stride: int, valid: bool) -> tuple[int, int]:
    """Pixels before and after along one axis. With a stride, one more at the end than the last window reaches makes the two equal."""
    total = 0 if valid else max((windows(pixels, kernel, stride, False) - 1) * stride + kernel - pixels, 0)
    before = (total + 1) // 2
    return before, before if stride > 1 else total // 2


class Weights:
    """The next layer's numbers. Scaled so that a hundred layers neither explode nor die."""

    def __init__(self, seed: int = 0) -> None:
        self.rng = np.random.default_rng(seed)

    def convolution(self, outputs: int, kernel: Size, inputs: int, taps: int = 0) -> np.ndarray:
        """Outputs x height x width x inputs. `taps`: how many of the kernel's reach a pixel, where it is not all."""
        h, w = pair(kernel)
        scale = np.float32(np.sqrt(2 / ((taps or h * w) * inputs)))
        return scale * self.rng.standard_normal((outputs, h, w, inputs), dtype=np.float32)

    def vector(self, count: int, low: float, high: float) -> np.ndarray:
        return self.rng.uniform(low, high, count).astype(np.float32)

    def normalization(self, channels: int) -> dict[str, np.ndarray]:
        return {
            "gamma": self.vector(channels, 0.5, 1.0), "beta": self.vector(channels, -0.1, 0.1),
            "mean": self.vector(channels, -0.1, 0.1), "variance": self.vector(channels, 0.8, 1.2),
        }  # fmt: skip
