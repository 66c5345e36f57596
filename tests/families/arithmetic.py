"""Arithmetic: r = clamp(op(primaryScale x, secondaryScale y) + bias), broadcasting; graph.md 10.2."""

import math
import operator

import numpy as np
from harness import Array, Case, CaseError, Member, New, Values, pairwise

PRIMARY, SECONDARY = "primary", "secondary"
_AXES = ("stride_in_pixels_y", "stride_in_pixels_x", "stride_in_feature_channels")


class Arithmetic(Case):
    exact = True

    def value(self, name: str) -> float:
        defaults = {
            "primary_scale": 1,
            "secondary_scale": 1,
            "bias": 0,
            "minimum_value": -math.inf,
            "maximum_value": math.inf,
        }
        return self.attributes.get(name, defaults[name])

    def operand(self, v: Values, side: str) -> Array:
        """The source with only pixel 0 of every direction whose stride is 0: NumPy broadcasts it."""
        x = v["source0" if side == PRIMARY else "source1"]
        for axis, name in enumerate(_AXES, start=1):
            if self.attributes.get(f"{side}_{name}", 1) == 0:
                x = x.take([0], axis)
        return x

    def unclamped(self, v: Values) -> Array:
        x = self.value("primary_scale") * self.operand(v, PRIMARY)
        y = self.value("secondary_scale") * self.operand(v, SECONDARY)
        return self.operation(x, y) + self.value("bias")

    def operation(self, x: Array, y: Array) -> Array:
        raise NotImplementedError

    def forward(self, v, training=False):
        return self.unclamped(v).clip(self.value("minimum_value"), self.value("maximum_value"))

    def gradients(self, v, g):
        r = self.unclamped(v)
        g = np.where((r > self.value("minimum_value")) & (r < self.value("maximum_value")), g, 0)
        result = {}
        for side, name in ((PRIMARY, "source0"), (SECONDARY, "source1")):
            d = self.scale_of_gradient(v, side) * g
            summed = tuple(i for i, extent in enumerate(self.operand(v, side).shape) if extent == 1 < d.shape[i])
            result[name] = np.zeros_like(v[name])
            result[name][tuple(slice(n) for n in self.operand(v, side).shape)] = d.sum(summed, keepdims=True)
        return result

    def scale_of_gradient(self, v: Values, side: str) -> Array | float:
        """What the incoming gradient is multiplied with for this operand."""
        raise NotImplementedError

    def terms(self, output):
        if output == "result":
            return 4
        h, w, c = (max(extents) for extents in zip(*self.sources, strict=True))
        own = self.sources[int(output[-1])]
        return 2 + math.prod(whole for whole, mine in zip((h, w, c), own, strict=True) if mine == 1)

    def kink_distance(self, v):
        r, limits = self.unclamped(v), (self.value("minimum_value"), self.value("maximum_value"))
        return min(float(np.abs(r - limit).min()) for limit in limits)

    def node(self, sources, v):
        return New(self.name, tuple(sources), {}, self.attributes)


class MPSNNAdditionNode(Arithmetic):
    def operation(self, x, y):
        return x + y

    def scale_of_gradient(self, v, side):
        return self.value(f"{side}_scale")


class MPSNNSubtractionNode(Arithmetic):
    def operation(self, x, y):
        return x - y

    def scale_of_gradient(self, v, side):
        return self.value(f"{side}_scale") * (1 if side == PRIMARY else -1)


class MPSNNMultiplicationNode(Arithmetic):
    def operation(self, x, y):
        return x * y

    def scale_of_gradient(self, v, side):
        other = self.operand(v, SECONDARY if side == PRIMARY else PRIMARY)
        return self.value("primary_scale") * self.value("secondary_scale") * other


class MPSNNDivisionNode(Arithmetic):
    """Has no gradient."""

    exact = False
    differentiable = False

    def operation(self, x, y):
        return x / y

    def draw_source(self, rng, index, shape):
        x = rng.standard_normal(shape)
        return x if index == 0 else x + np.where(x < 0, -0.5, 0.5)


class MPSNNComparisonNode(Arithmetic):
    """1 where it holds. Has no gradient. Sources have few values, so that many are equal."""

    differentiable = False
    holds = {
        "Equal": operator.eq,
        "NotEqual": operator.ne,
        "Less": operator.lt,
        "LessOrEqual": operator.le,
        "Greater": operator.gt,
        "GreaterOrEqual": operator.ge,
    }

    def forward(self, v, training=False):
        holds = self.holds[self.attributes.get("comparison_type", "Equal")]
        return holds(self.operand(v, PRIMARY), self.operand(v, SECONDARY)).astype(v["source0"].dtype)

    def draw_source(self, rng, index, shape):
        return rng.integers(-2, 3, shape) / 4

    def kink_distance(self, v):
        return math.inf

    def node(self, sources, v):
        properties = dict(self.attributes)
        if "comparison_type" in properties:
            properties["comparison_type"] = Member("MPSNNComparisonType", properties["comparison_type"])
        return New(self.name, tuple(sources), {}, properties)


def _comparisons():
    few = {"zeros": "few are equal"}
    for name in MPSNNComparisonNode.holds:
        yield MPSNNComparisonNode(((5, 7, 3),) * 2, {"comparison_type": name}, 2, exempt=few)
        yield MPSNNComparisonNode(
            ((4, 6, 10), (4, 6, 1)), {"comparison_type": name, "secondary_stride_in_feature_channels": 0}, 3, exempt=few
        )
    yield MPSNNComparisonNode(((1, 6, 5), (3, 6, 5)), {"primary_stride_in_pixels_y": 0})
    # What the base has beside the strides is without influence.
    unused = {"primary_scale": 3, "secondary_scale": -2, "bias": 5, "minimum_value": 0.25, "maximum_value": 0.5}
    yield MPSNNComparisonNode(((5, 9, 17),) * 2, {"comparison_type": "Less"} | unused)


def _cases(cls):
    whole = (5, 7, 3)
    scales = {"primary_scale": 1.5, "secondary_scale": -0.75}
    clamp = {"minimum_value": -0.625, "maximum_value": 1.125}
    across_x = {"secondary_stride_in_pixels_x": 0, "secondary_stride_in_pixels_y": 1}
    # Addition and subtraction hand the gradient on as it is unless there are scales.
    gradient_copy = {"copy": "the gradient of a plain sum is a copy"}
    return [
        cls((whole, whole), exempt=gradient_copy),
        cls(((6, 5, 10),) * 2, scales | {"bias": 0.375}, 2),
        cls(((4, 5, 17),) * 2, scales | clamp, 3),
        cls(((5, 6, 9),) * 2, scales | clamp | {"bias": -0.25}),
        cls((whole, (5, 1, 3)), scales | across_x, 2),
        cls((whole, (1, 7, 3)), scales | {"secondary_stride_in_pixels_y": 0}, 2),
        cls(((4, 6, 10), (4, 6, 1)), scales | {"secondary_stride_in_feature_channels": 0}, 3),
        cls(
            ((4, 7, 9), (1, 1, 9)),
            scales | {"secondary_stride_in_pixels_x": 0, "secondary_stride_in_pixels_y": 0, "bias": 0.5},
            2,
            exempt={"axes": "one value per channel, for the whole image"},
        ),
        cls(((1, 6, 5), (3, 6, 5)), scales | {"primary_stride_in_pixels_y": 0}, 2),
        cls(
            ((3, 1, 8), (3, 6, 1)),
            scales | clamp | {"primary_stride_in_pixels_x": 0, "secondary_stride_in_feature_channels": 0},
            2,
        ),
        cls(((1, 1, 6),) * 2, scales, exempt={"extents": "one pixel"}),
    ]


# Which operand has one pixel or one channel, in which directions.
_BROADCASTS = {
    "none": {},
    "secondary y": {SECONDARY: "y"},
    "secondary x": {SECONDARY: "x"},
    "secondary c": {SECONDARY: "c"},
    "secondary yx": {SECONDARY: "yx"},
    "secondary yxc": {SECONDARY: "yxc"},
    "primary xc": {PRIMARY: "xc"},
    "primary c": {PRIMARY: "c"},
    "both": {PRIMARY: "y", SECONDARY: "c"},
}


def _pairs(cls, seed, **more):
    """`more`: factors of attributes, which are dictionaries."""

    def make(image, channels, batch, broadcast, **attributes):
        whole = (*image, channels)
        sources, a, exempt = {PRIMARY: whole, SECONDARY: whole}, {}, {}
        for side, directions in _BROADCASTS[broadcast].items():
            for direction in directions:
                axis = "yxc".index(direction)
                if whole[axis] == 1:
                    raise CaseError("nothing to repeat")
                sources[side] = (*sources[side][:axis], 1, *sources[side][axis + 1 :])
                a[f"{side}_{_AXES[axis]}"] = 0
        if image == (1, 1):
            exempt["extents"] = "one pixel"
        if "yx" in broadcast:
            exempt["axes"] = "one value for the whole image"
        for part in attributes.values():
            a |= part
        if cls is MPSNNComparisonNode:
            exempt["zeros"] = "few are equal"
        elif not attributes["scales"]:
            exempt["copy"] = "the gradient of a plain sum is a copy"
        return cls((sources[PRIMARY], sources[SECONDARY]), a, batch, exempt=exempt)

    factors = {
        "image": [(1, 1), (1, 6), (5, 7)],
        "channels": [1, 3, 8, 10],
        "batch": [1, 2],
        "broadcast": list(_BROADCASTS),
        **more,
    }
    return pairwise(factors, make, seed)


_CONSTANTS = {
    "scales": [{}, {"primary_scale": 1.5, "secondary_scale": -0.75}],
    "clamp": [{}, {"minimum_value": -0.625, "maximum_value": 1.125}, {"maximum_value": 0.75}],
    "bias": [{}, {"bias": 0.375}],
}

CASES = [
    case
    for cls in (MPSNNAdditionNode, MPSNNSubtractionNode, MPSNNMultiplicationNode, MPSNNDivisionNode)
    for case in _cases(cls)
]
CASES += [
    case
    for seed, cls in enumerate((MPSNNAdditionNode, MPSNNSubtractionNode, MPSNNMultiplicationNode, MPSNNDivisionNode))
    for case in _pairs(cls, seed, **_CONSTANTS)
]
CASES += _comparisons()
CASES += _pairs(MPSNNComparisonNode, 4, kind=[{"comparison_type": name} for name in MPSNNComparisonNode.holds])
