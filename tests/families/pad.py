"""Padding with pixels and channels: zeros, a constant, the edge, or a reflection; resampling.md 9."""

import math

import numpy as np
from harness import Array, Case, Member, New, pairwise

OUTSIDE = -1


def copied(before: int, size: int, after: int, mode: str) -> Array:
    """For each place of the result the place of the source that it copies."""

    def place(k: int) -> int:
        if 0 <= k < size:
            return k
        if mode == "Clamp":
            return min(max(k, 0), size - 1)
        if mode == "Mirror":
            q = k % (2 * (size - 1)) if size > 1 else 0
            return q if q < size else 2 * (size - 1) - q
        if mode == "MirrorWithEdge":
            q = k % (2 * size)
            return q if q < size else 2 * size - 1 - q
        return OUTSIDE

    return np.array([place(k) for k in range(-before, size + after)])


class MPSNNPadNode(Case):
    exact = True

    def maps(self):
        a = self.attributes
        sizes = zip(
            a["padding_size_before"], (self.sources[0][i] for i in (1, 0, 2)), a["padding_size_after"], strict=True
        )
        x, y, c = (copied(before, size, after, a["edge_mode"]) for before, size, after in sizes)
        return np.ix_(y, x, c)

    def forward(self, v, training=False):
        y, x, c = self.maps()
        fill = self.attributes["fill_value"] if self.attributes["edge_mode"] == "Constant" else 0
        result = v["source0"][:, y, x, c]
        return np.where((y == OUTSIDE) | (x == OUTSIDE) | (c == OUTSIDE), np.array(fill, result.dtype), result)

    def gradients(self, v, g):
        y, x, c = self.maps()
        d = np.zeros_like(v["source0"])
        inside = (y != OUTSIDE) & (x != OUTSIDE) & (c != OUTSIDE)
        np.add.at(d, (slice(None), y, x, c), np.where(inside, g, 0))
        return {"source0": d}

    def terms(self, output):
        if output == "result":
            return 1
        a, (h, w, c) = self.attributes, self.sources[0]
        before, after = a["padding_size_before"], a["padding_size_after"]
        return math.prod(1 + b + e for b, e in zip(before, after, strict=True)) if h * w * c else 1

    def node(self, sources, v):
        a = dict(self.attributes)
        fill = a.pop("fill_value")
        a["edge_mode"] = Member("MPSImageEdgeMode", a["edge_mode"])
        for name in ("padding_size_before", "padding_size_after"):
            a[name] = New("MPSImageCoordinate", a[name])
        return New(self.name, tuple(sources), a, {"fill_value": fill})


def _make(image, channels, batch, before, after, edge_mode, fill_value):
    exempt = {"zeros": "zeros around the image"}
    if image == (1, 1):
        exempt["extents"] = "one pixel"
    if not any(before + after):
        exempt["copy"] = "there is no padding"
    attributes = {
        "padding_size_before": before,
        "padding_size_after": after,
        "edge_mode": edge_mode,
        "fill_value": fill_value,
    }
    return MPSNNPadNode(((*image, channels),), attributes, batch, exempt=exempt)


CASES = pairwise(
    {
        "image": [(1, 1), (1, 6), (5, 7), (8, 6)],
        "channels": [1, 3, 8, 10],
        "batch": [1, 2],
        "before": [(0, 0, 0), (1, 2, 0), (4, 0, 3), (0, 11, 9), (9, 7, 1)],
        "after": [(0, 0, 0), (3, 1, 0), (0, 5, 2), (17, 0, 0), (2, 4, 13)],
        "edge_mode": ["Zero", "Constant", "Clamp", "Mirror", "MirrorWithEdge"],
        "fill_value": [0, -1.5],
    },
    _make,
    seed=5,
)
