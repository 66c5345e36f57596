"""Neurons: one function applied to every value; neurons.md 1."""

import math
from typing import ClassVar

import numpy as np
from harness import Array, Case, Member, New, pairwise

_erf = np.vectorize(math.erf, otypes=[np.float64])


def erf(x: Array) -> Array:
    return _erf(x).astype(x.dtype)


def neuron(kind: str, x: Array, a=None, b=None, c=None) -> Array:
    """f(x). `a` of PReLU is one number per channel."""
    match kind:
        case "None":
            return x
        case "ReLU" | "PReLU":
            return np.where(x >= 0, x, a * x)
        case "Linear":
            return a * x + b
        case "Sigmoid":
            return 1 / (1 + np.exp(-x))
        case "HardSigmoid":
            return (a * x + b).clip(0, 1)
        case "TanH":
            return a * np.tanh(b * x)
        case "Absolute":
            return np.abs(x)
        case "SoftPlus":
            return a * np.log1p(np.exp(b * x))
        case "SoftSign":
            return x / (1 + np.abs(x))
        case "ELU":
            return np.where(x >= 0, x, a * np.expm1(np.minimum(x, 0)))
        case "ReLUN":
            return np.minimum(np.where(x >= 0, x, a * x), b)
        case "Power":
            return (a * x + b) ** c
        case "Exponential":
            return np.exp(a * x + b) if c == -1 else c ** (a * x + b)
        case "Logarithm":
            return np.log(a * x + b) / (1 if c == -1 else np.log(c).astype(x.dtype))
        case "GeLU":
            return 0.5 * x * (1 + erf(x / math.sqrt(2)))
    raise ValueError(kind)


def derivative(kind: str, x: Array, a=None, b=None, c=None) -> Array:
    """f'(x)."""
    match kind:
        case "None":
            return np.ones_like(x)
        case "ReLU" | "PReLU":
            return np.where(x >= 0, 1, a * np.ones_like(x))
        case "Linear":
            return np.full_like(x, a)
        case "Sigmoid":
            return 1 / (1 + np.exp(-x)) / (1 + np.exp(x))
        case "HardSigmoid":
            return np.where((a * x + b >= 0) & (a * x + b <= 1), a, 0)
        case "TanH":
            return a * b * (1 - np.tanh(b * x) ** 2)
        case "Absolute":
            return np.sign(x)
        case "SoftPlus":
            return a * b / (1 + np.exp(-b * x))
        case "SoftSign":
            return 1 / (1 + np.abs(x)) ** 2
        case "ELU":
            return np.where(x >= 0, 1, a * np.exp(np.minimum(x, 0)))
        case "ReLUN":
            inner = np.where(x >= 0, x, a * x)
            return np.where(inner >= b, 0, np.where(x >= 0, 1, a))
        case "Power":
            return a * c * (a * x + b) ** (c - 1)
        case "Exponential":
            return a * np.exp(a * x + b) if c == -1 else a * np.log(c).astype(x.dtype) * c ** (a * x + b)
        case "Logarithm":
            return a / (a * x + b) / (1 if c == -1 else np.log(c).astype(x.dtype))
        case "GeLU":
            return 0.5 * (1 + erf(x / math.sqrt(2))) + x * np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    raise ValueError(kind)


def kinks(kind: str, a=None, b=None, c=None) -> list[float]:
    """Where f' jumps."""
    match kind:
        case "ReLU" | "PReLU" | "Absolute":
            return [0.0]
        case "ELU":
            return [] if a == 1 else [0.0]
        case "HardSigmoid":
            return [-b / a, (1 - b) / a]
        case "ReLUN":
            return [0.0, b, *([b / a] if a < 0 else [])]
    return []


def distance_to_kink(x: Array, kind: str, a=None, b=None, c=None) -> float:
    return min((float(np.abs(x - k).min()) for k in kinks(kind, a, b, c)), default=math.inf)


def terms(kind: str) -> int:
    """Rounded steps of the formula; an elementary function counts as three, its result being good to a few units."""
    if kind in ("None", "ReLU", "PReLU", "Absolute", "ReLUN", "Linear", "HardSigmoid", "SoftSign"):
        return 2
    return 6


def neuron_descriptor(kind: str, a=None, b=None, c=None) -> New:
    given = {k: x for k, x in {"a": a, "b": b, "c": c}.items() if x is not None}
    return New("MPSNNNeuronDescriptor", (Member("MPSCNNNeuronType", "None_" if kind == "None" else kind),), given)


class Neuron(Case):
    """Attributes a, b, c where the type has them; without them the defaults of the class."""

    kind = ""
    defaults: ClassVar[dict[str, float]] = {}
    exact = False

    def constants(self):
        return self.kind, *({**self.defaults, **self.attributes}.get(k) for k in "abc")

    def forward(self, v, training=False):
        return neuron(self.constants()[0], v["source0"], *self.constants()[1:])

    def gradients(self, v, g):
        return {"source0": g * derivative(self.constants()[0], v["source0"], *self.constants()[1:])}

    def terms(self, output):
        return terms(self.constants()[0])

    def kink_distance(self, v):
        return distance_to_kink(v["source0"], *self.constants())

    def draw_source(self, rng, index, shape):
        x = 1.5 * rng.standard_normal(shape)
        kind, a, b, c = self.constants()
        if kind == "Logarithm" or (kind == "Power" and c != int(c)):
            return (rng.uniform(0.2, 4, shape) - b) / a  # where the function is real
        if kind in ("Exponential", "Power"):
            return x / 1.5
        return x


class MPSCNNNeuronReLUNode(Neuron):
    kind, defaults, exact = "ReLU", {"a": 0}, True


class MPSCNNNeuronLinearNode(Neuron):
    kind, defaults, exact = "Linear", {"a": 1, "b": 0}, True


class MPSCNNNeuronSigmoidNode(Neuron):
    kind = "Sigmoid"


class MPSCNNNeuronHardSigmoidNode(Neuron):
    kind, defaults = "HardSigmoid", {"a": 0.2, "b": 0.5}


class MPSCNNNeuronTanHNode(Neuron):
    kind, defaults = "TanH", {"a": 1, "b": 1}


class MPSCNNNeuronAbsoluteNode(Neuron):
    kind, exact = "Absolute", True


class MPSCNNNeuronSoftPlusNode(Neuron):
    kind, defaults = "SoftPlus", {"a": 1, "b": 1}


class MPSCNNNeuronSoftSignNode(Neuron):
    kind = "SoftSign"


class MPSCNNNeuronELUNode(Neuron):
    kind, defaults = "ELU", {"a": 1}


class MPSCNNNeuronPReLUNode(Neuron):
    kind, exact = "PReLU", True

    def parameters(self, rng, integers):
        channels = self.sources[0][2]
        a = rng.integers(-3, 4, channels) if integers else rng.standard_normal(channels)
        return {"a": a.astype(np.float32).astype(np.float64)}

    def forward(self, v, training=False):
        return neuron("PReLU", v["source0"], v["a"])

    def gradients(self, v, g):
        return {"source0": g * derivative("PReLU", v["source0"], v["a"])}

    def node(self, sources, v):
        return New(self.name, tuple(sources), {"a_data": v["a"].astype(np.float32)})


class MPSCNNNeuronReLUNNode(Neuron):
    kind, defaults, exact = "ReLUN", {"a": 1, "b": 6}, True


class MPSCNNNeuronPowerNode(Neuron):
    kind, defaults = "Power", {"a": 1, "b": 0, "c": 1}


class MPSCNNNeuronExponentialNode(Neuron):
    kind, defaults = "Exponential", {"a": 1, "b": 0, "c": -1}


class MPSCNNNeuronLogarithmNode(Neuron):
    kind, defaults = "Logarithm", {"a": 1, "b": 0, "c": -1}


class MPSCNNNeuronGeLUNode(Neuron):
    kind = "GeLU"


class MPSCNNNeuronNode(Neuron):
    """The node made from a descriptor; attributes are `neuron_type` and its constants."""

    def constants(self):
        return self.attributes["neuron_type"], *(self.attributes.get(k) for k in "abc")

    def node(self, sources, v):
        return New(f"{self.name}.with_descriptor", (*sources, neuron_descriptor(*self.constants())))


def _pairs(cls, seed, *constants):
    def make(image, channels, batch, attributes):
        exempt = {"extents": "one pixel"} if image == (1, 1) else {}
        return cls(((*image, channels),), attributes, batch, exempt=exempt)

    factors = {
        "image": [(1, 1), (1, 6), (7, 5)],
        "channels": [1, 3, 8, 10],
        "batch": [1, 2],
        "attributes": constants or ({},),
    }
    return pairwise(factors, make, seed)


S, T = ((5, 7, 3),), ((6, 3, 10),)

CASES = [
    MPSCNNNeuronReLUNode(S),
    MPSCNNNeuronReLUNode(T, {"a": 0.25}, 2),
    MPSCNNNeuronReLUNode(((4, 9, 17),), {"a": -0.5}),
    MPSCNNNeuronLinearNode(S, {"a": -1.5, "b": 0.75}, 2),
    MPSCNNNeuronSigmoidNode(S, batch=2),
    MPSCNNNeuronSigmoidNode(((1, 1, 11),), exempt={"extents": "one pixel"}),
    MPSCNNNeuronHardSigmoidNode(S),
    MPSCNNNeuronHardSigmoidNode(T, {"a": -0.3, "b": 0.25}, 2),
    MPSCNNNeuronTanHNode(S),
    MPSCNNNeuronTanHNode(T, {"a": 1.75, "b": 0.625}, 2),
    MPSCNNNeuronAbsoluteNode(S, batch=2),
    MPSCNNNeuronSoftPlusNode(S),
    MPSCNNNeuronSoftPlusNode(T, {"a": 0.75, "b": 1.5}, 2),
    MPSCNNNeuronSoftSignNode(S, batch=2),
    MPSCNNNeuronELUNode(S),
    MPSCNNNeuronELUNode(T, {"a": 0.625}, 2),
    MPSCNNNeuronPReLUNode(S, batch=2),
    MPSCNNNeuronPReLUNode(((2, 3, 13),)),
    MPSCNNNeuronReLUNNode(T, {"a": 0, "b": 1.5}, 2),
    MPSCNNNeuronReLUNNode(S, {"a": 0.25, "b": 0.75}),
    MPSCNNNeuronReLUNNode(S, {"a": -0.5, "b": 0.75}),
    MPSCNNNeuronPowerNode(S, {"a": 0.5, "b": 0.25, "c": 3}),
    MPSCNNNeuronPowerNode(T, {"a": -0.75, "b": 0.5, "c": 1.75}, 2),
    MPSCNNNeuronExponentialNode(S),
    MPSCNNNeuronExponentialNode(T, {"a": -0.5, "b": 0.25, "c": 2.5}, 2),
    MPSCNNNeuronLogarithmNode(S),
    MPSCNNNeuronLogarithmNode(T, {"a": 0.5, "b": 0.25, "c": 10}, 2),
    MPSCNNNeuronGeLUNode(S, batch=2),
    MPSCNNNeuronNode(S, {"neuron_type": "None"}, exempt={"copy": "the type None is the identity"}),
    MPSCNNNeuronNode(S, {"neuron_type": "GeLU"}, 2),
    MPSCNNNeuronNode(T, {"neuron_type": "TanH", "a": 1.25, "b": -0.5}),
    MPSCNNNeuronNode(T, {"neuron_type": "Logarithm", "a": 0.5, "b": 1.25, "c": 2}, 2),
    *_pairs(MPSCNNNeuronReLUNode, 1, {}, {"a": 0.25}, {"a": -0.5}),
    *_pairs(MPSCNNNeuronSigmoidNode, 2),
    *_pairs(MPSCNNNeuronTanHNode, 3, {"a": 1.75}, {"b": 0.625}, {"a": -1.25, "b": -0.5}),
    *_pairs(MPSCNNNeuronPReLUNode, 4),
    *_pairs(MPSCNNNeuronELUNode, 5, {}, {"a": 0.625}, {"a": -0.5}),
    *_pairs(MPSCNNNeuronReLUNNode, 6, {"a": 0, "b": 0.75}, {"a": 0.25, "b": 1.5}, {"a": -0.5, "b": 0.5}),
    *_pairs(MPSCNNNeuronGeLUNode, 7),
    *_pairs(MPSCNNNeuronSoftPlusNode, 8, {}, {"a": 0.75, "b": 1.5}, {"a": -1.5, "b": -0.5}),
    *_pairs(MPSCNNNeuronHardSigmoidNode, 9, {}, {"a": -0.3, "b": 0.25}),
]
