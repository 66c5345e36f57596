"""Pictures for the examples, made of formulas: landscapes, and a painting with brush strokes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Field = NDArray[np.float64]


def smooth_noise(size: int, cell: int, rng: np.random.Generator) -> Field:
    """Numbers within -1 and 1, size x size, that change over about `cell` pixels."""
    coarse = rng.uniform(-1, 1, (size // cell + 2,) * 2)
    at = np.arange(size) / cell
    i = at.astype(int)
    f = (at - i) ** 2 * (3 - 2 * (at - i))
    rows = coarse[i] * (1 - f)[:, None] + coarse[i + 1] * f[:, None]
    noise: Field = rows[:, i] * (1 - f) + rows[:, i + 1] * f
    return noise


def painting(size: int, rng: np.random.Generator) -> Array:
    """Brush strokes that follow a swirling flow, in the colours of a starry night."""
    palette = np.array([(15, 25, 75), (30, 60, 140), (60, 110, 190), (150, 190, 215), (245, 215, 90), (250, 240, 200)])
    tone = smooth_noise(size, 28, rng) + 0.5 * smooth_noise(size, 12, rng)
    flow = 3 * smooth_noise(size, 40, rng)
    y, x = np.mgrid[:size, :size]
    canvas = np.tile(palette[1] / 255, (size, size, 1))
    for row, column in rng.integers(0, size, (size * size // 10, 2)):
        angle, length, width = flow[row, column] + 0.15 * rng.standard_normal(), rng.uniform(5, 10), rng.uniform(1, 1.9)
        reach = int(length + 3)
        near = np.s_[max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1]
        right, down = x[near] - column, y[near] - row
        along, across = right * np.cos(angle) + down * np.sin(angle), down * np.cos(angle) - right * np.sin(angle)
        distance = np.hypot(np.maximum(np.abs(along) - length, 0), across)
        cover = np.clip(width - distance, 0, 1)[..., None]
        level = np.clip(0.5 + 0.45 * tone[row, column] + 0.09 * rng.standard_normal(), 0, 0.999)
        light = 0.06 * rng.standard_normal(3) + 0.1 * np.clip(across / width, -1, 1)[..., None]
        canvas[near] = canvas[near] * (1 - cover) + (palette[int(level * len(palette))] / 255 + light) * cover
    return canvas.clip(0, 1).astype(np.float32)


def scene(size: int, rng: np.random.Generator) -> Array:
    """A landscape: a sky with the sun, hills, a house and trees, all with some grain."""
    y, x = np.mgrid[:size, :size] / size
    top, horizon = rng.uniform((0.2, 0.4, 0.7), (0.5, 0.7, 1)), rng.uniform((0.8, 0.6, 0.5), (1, 1, 0.9))
    image = top + (horizon - top) * y[..., None] / 0.7

    def paint(distance: Field, *colour: float) -> None:
        """Covers the pixels of negative distance, with a soft edge."""
        cover = np.clip(0.5 - distance * size / 1.5, 0, 1)[..., None]
        image[:] = image * (1 - cover) + np.clip(colour + rng.uniform(-0.12, 0.12, 3), 0, 1) * cover

    def box(left: float, top: float, right: float, bottom: float) -> Field:
        distance: Field = np.maximum(np.maximum(left - x, x - right), np.maximum(top - y, y - bottom))
        return distance

    def disc(column: float, row: float, radius: float) -> Field:
        distance: Field = np.hypot(x - column, y - row) - radius
        return distance

    paint(disc(rng.uniform(0.1, 0.9), rng.uniform(0.08, 0.3), rng.uniform(0.05, 0.1)), 1, 0.9, 0.5)
    for level, colour in ((0.45, (0.45, 0.45, 0.6)), (0.6, (0.3, 0.5, 0.35)), (0.75, (0.45, 0.65, 0.25))):
        waves = (rng.uniform(0, 0.07) / k * np.sin(2 * np.pi * (k * x + rng.random())) for k in (1, 2, 3))
        paint(level + sum(waves) - y, *colour)
    left, ground, width = rng.uniform(0.1, 0.65), rng.uniform(0.78, 0.9), rng.uniform(0.15, 0.24)
    middle = left + width / 2
    paint(box(left, ground - 0.15, left + width, ground), 0.9, 0.85, 0.75)
    paint(np.maximum(np.abs(x - middle) * 0.23 / width - y + ground - 0.28, y - ground + 0.14), 0.7, 0.25, 0.2)
    paint(box(middle - 0.025, ground - 0.09, middle + 0.025, ground), 0.35, 0.2, 0.15)
    for _ in range(rng.integers(1, 4)):
        column, foot, height = rng.uniform(0.05, 0.95), rng.uniform(0.75, 0.98), rng.uniform(0.12, 0.22)
        paint(box(column - 0.012, foot - height, column + 0.012, foot), 0.35, 0.22, 0.12)
        paint(disc(column, foot - height, height / 2), 0.15, 0.4, 0.15)
    grain = np.sum([smooth_noise(size, cell, rng) for cell in (2, 4, 8)], axis=0)
    picture: Array = (image + 0.03 * grain[..., None]).clip(0, 1).astype(np.float32)
    return picture
