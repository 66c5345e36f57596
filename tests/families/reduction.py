"""Reductions: the smallest, largest, mean or sum of rows, columns, channels or all pixels; resampling.md 7."""

import math

import numpy as np
from harness import Array, Case, CaseError, New, Values, pairwise

ROW, COLUMN, CHANNELS, SPATIAL = (2,), (1,), (3,), (1, 2)


class Reduction(Case):
    axes: tuple[int, ...]
    differentiable = False

    def region(self, v: Values) -> Array:
        """The pixels that are read."""
        x, y, width, height = self.attributes.get("clip_rect_source", (0, 0, 99, 99))
        return v["source0"][:, y : y + height, x : x + width]

    def reduce(self, x: Array) -> Array:
        raise NotImplementedError

    def forward(self, v, training=False):
        return self.reduce(self.region(v)).astype(v["source0"].dtype)

    def terms(self, output):
        return math.prod(self.sources[0][axis - 1] for axis in self.axes)

    def node(self, sources, v):
        properties = dict(self.attributes)
        if "clip_rect_source" in properties:
            x, y, width, height = properties["clip_rect_source"]
            region = New("MTLRegion", (New("MTLOrigin", (x, y, 0)), New("MTLSize", (width, height, 1))))
            properties["clip_rect_source"] = region
        return New(self.name, tuple(sources), {}, properties)


class Extreme(Reduction):
    exact = True


class Minimum(Extreme):
    def reduce(self, x):
        return x.min(self.axes, keepdims=True)


class Maximum(Extreme):
    def reduce(self, x):
        return x.max(self.axes, keepdims=True)


class Mean(Reduction):
    def reduce(self, x):
        return x.sum(self.axes, keepdims=True) / math.prod(x.shape[axis] for axis in self.axes)


class Sum(Reduction):
    exact = True

    def reduce(self, x):
        return self.attributes.get("weight", 1) * x.sum(self.axes, keepdims=True)


class MPSNNReductionRowMinNode(Minimum):
    axes = ROW


class MPSNNReductionRowMaxNode(Maximum):
    axes = ROW


class MPSNNReductionRowMeanNode(Mean):
    axes = ROW


class MPSNNReductionRowSumNode(Sum):
    axes = ROW


class MPSNNReductionColumnMinNode(Minimum):
    axes = COLUMN


class MPSNNReductionColumnMaxNode(Maximum):
    axes = COLUMN


class MPSNNReductionColumnMeanNode(Mean):
    axes = COLUMN


class MPSNNReductionColumnSumNode(Sum):
    axes = COLUMN


class MPSNNReductionFeatureChannelsMinNode(Minimum):
    axes = CHANNELS


class MPSNNReductionFeatureChannelsMaxNode(Maximum):
    axes = CHANNELS


class MPSNNReductionFeatureChannelsMeanNode(Mean):
    axes = CHANNELS


class MPSNNReductionFeatureChannelsSumNode(Sum):
    axes = CHANNELS


class MPSNNReductionFeatureChannelsArgumentMinNode(Extreme):
    """Among integers there are ties: the first channel wins."""

    axes = CHANNELS

    def reduce(self, x):
        return x.argmin(3)[..., None]


class MPSNNReductionFeatureChannelsArgumentMaxNode(Extreme):
    axes = CHANNELS

    def reduce(self, x):
        return x.argmax(3)[..., None]


class MPSNNReductionSpatialMeanNode(Mean):
    axes = SPATIAL
    differentiable = True

    def gradients(self, v, g):
        d = np.zeros_like(v["source0"])
        region = self.region({"source0": d})
        region[...] = g / (region.shape[1] * region.shape[2])
        return {"source0": d}


def _cases(cls, seed):
    def make(size, batch, clip, weight):
        h, w, channels = size
        attributes, exempt = {}, {}
        if clip is not None:
            if clip[0] >= w or clip[1] >= h:
                raise CaseError("nothing is left of the image")
            attributes["clip_rect_source"] = clip
            exempt["zeros"] = "pixels outside the region have no gradient"
        if weight != 1:
            attributes["weight"] = weight
        if 1 in size:
            exempt["copy"] = "a reduction of one number is that number"
        if h == w:
            exempt["extents"] = "one pixel"
        if channels == 1:
            exempt["zeros"] = "the only channel has the index 0"
        return cls((size,), attributes, batch, exempt=exempt)

    factors = {
        "size": [(1, 1, 10), (1, 6, 17), (7, 1, 3), (5, 7, 1), (12, 19, 8), (6, 5, 261)],
        "batch": [1, 2],
        "clip": [None, (1, 2, 3, 2), (0, 0, 2, 1), (2, 1, 99, 99)],
        "weight": [1, -0.375] if cls is MPSNNReductionFeatureChannelsSumNode else [1],
    }
    return pairwise(factors, make, seed)


CASES = [
    case
    for seed, cls in enumerate(
        (
            MPSNNReductionRowMinNode,
            MPSNNReductionRowMaxNode,
            MPSNNReductionRowMeanNode,
            MPSNNReductionRowSumNode,
            MPSNNReductionColumnMinNode,
            MPSNNReductionColumnMaxNode,
            MPSNNReductionColumnMeanNode,
            MPSNNReductionColumnSumNode,
            MPSNNReductionFeatureChannelsMinNode,
            MPSNNReductionFeatureChannelsMaxNode,
            MPSNNReductionFeatureChannelsMeanNode,
            MPSNNReductionFeatureChannelsSumNode,
            MPSNNReductionFeatureChannelsArgumentMinNode,
            MPSNNReductionFeatureChannelsArgumentMaxNode,
            MPSNNReductionSpatialMeanNode,
        )
    )
    for case in _cases(cls, seed)
]
